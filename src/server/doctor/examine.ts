import type { Database } from '../../database/database.ts';
import { hasTables } from '../../driver/migrate.ts';
import { QuestlogError } from '../../errors.ts';
import { type Config, readConfig, secretsOf } from '../config.ts';
import type { Env } from '../env-reader.ts';
import { checkAuthentication } from './authentication.ts';
import { checkBloat } from './bloat.ts';
import { checkClock } from './clock.ts';
import { checkConnections, checkPooler } from './connections.ts';
import { type Check, explain, type Finding, runCheck } from './finding.ts';
import { checkIndexes } from './indexes.ts';
import { checkLive } from './live.ts';
import { checkDisk, checkNode } from './machine.ts';
import { checkModel } from './model.ts';
import { type Opened, openExisting } from './open-database.ts';
import { checkMigrations, checkRights } from './tables.ts';

/** Looks at everything that a server with this environment needs, one after the other, and changes nothing of it. */
export async function* examine(env: Env): AsyncGenerator<Finding> {
  yield* await runCheck({ name: 'node', run: () => checkNode() });
  const config = read(env);
  if ('findings' in config) {
    yield* config.findings;
    return;
  }
  yield { name: 'configuration', status: 'ok', found: 'every variable can be read' };
  const secrets = secretsOf(config);
  for await (const finding of examineConfigured(config)) yield hide(finding, secrets);
}

async function* examineConfigured(config: Config): AsyncGenerator<Finding> {
  let db: Database | undefined;
  const open = async () => {
    const opened: Opened = await openExisting(config);
    db = opened.db;
    return opened.findings;
  };
  yield* await runCheck({ name: 'database', run: open });
  if (db !== undefined) for (const check of await checksOf(db, config)) yield* await runCheck(check);
  yield* await runCheck({ name: 'live', run: () => checkLive(config) });
  yield* await runCheck({ name: 'authentication', run: () => checkAuthentication(config.signIn) });
  yield* await runCheck({ name: 'model', run: () => checkModel(config.model, config.titleModel) });
  yield* await runCheck({ name: 'disk', run: () => checkDisk(config.database) });
  // What hangs is not waited for.
  if (db !== undefined) await runCheck({ name: 'database', run: () => close(db as Database) });
}

async function checksOf(db: Database, config: Config): Promise<Check[]> {
  const always: Check[] = [
    { name: 'migrations', run: () => checkMigrations(db, config.migrates) },
    { name: 'pooler', run: () => checkPooler(db, config) },
    { name: 'connections', run: () => checkConnections(db, config) },
    { name: 'clock', run: () => checkClock(db) },
  ];
  const ofTables: Check[] = [
    { name: 'rights', run: () => checkRights(db) },
    { name: 'indexes', run: () => checkIndexes(db) },
    { name: 'bloat', run: () => checkBloat(db) },
  ];
  const areThere = await hasTables(db).catch(() => true);
  return areThere ? [...always, ...ofTables] : always;
}

async function close(db: Database): Promise<readonly Finding[]> {
  await db.close();
  return [];
}

function read(env: Env): Config | { readonly findings: readonly Finding[] } {
  const [name, status] = ['configuration', 'fail'] as const;
  try {
    return readConfig(env);
  } catch (error) {
    const problems = error instanceof QuestlogError ? error.errors : [];
    if (problems.length === 0) throw new QuestlogError('invalid_configuration', explain(error));
    const findings = problems.map(({ field, message }) => ({
      name,
      status,
      found: `${field} ${message}`,
      remedy: `change or unset ${field}`,
    }));
    return { findings };
  }
}

/** Words of other programs may repeat what they were sent. */
function hide(finding: Finding, secrets: readonly string[]): Finding {
  const clean = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  const { remedy, found } = finding;
  return { ...finding, found: clean(found), ...(remedy === undefined ? {} : { remedy: clean(remedy) }) };
}
