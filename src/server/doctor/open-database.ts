import type { Database } from '../../database/database.ts';
import { openDatabase } from '../../database/open.ts';
import { query } from '../../driver/driver.ts';
import { toFolder } from '../../driver/open.ts';
import { hasCluster } from '../../driver/pglite/pglite-driver.ts';
import { QuestlogError } from '../../errors.ts';
import type { Config } from '../config.ts';
import { explain, type Finding } from './finding.ts';

const name = 'database';

/** The database, where it can be looked into, and what there is to say of it. */
export interface Opened {
  readonly db?: Database;
  readonly findings: readonly Finding[];
}

/** Opens the database that there is, and makes none. */
export async function openExisting({ database, schema }: Config): Promise<Opened> {
  const folder = toFolder(database);
  if (database.startsWith('memory:'))
    return warn('the database is in memory', 'set DATABASE_URL or QUESTLOG_DATA_DIR to keep anything');
  if (folder !== undefined && !(await hasCluster(folder)))
    return warn(`there is no database in ${folder} yet`, 'start the server, which makes it, or name another');
  try {
    const db = await openDatabase(database, { schema, poolSize: 1 });
    return { db, findings: [await describeServer(db)] };
  } catch (error) {
    return { findings: [cannotOpen(error)] };
  }
}

async function describeServer(db: Database): Promise<Finding> {
  const [row] = await query<{ version: string; bytes: string }>(db, {
    userId: null,
    text: `select current_setting('server_version') as version,
      pg_database_size(current_database())::text as bytes`,
  });
  const megabytes = Math.ceil(Number(row?.bytes) / 1_000_000);
  const kind = db.kind === 'postgres' ? 'PostgreSQL' : 'embedded PostgreSQL (PGlite)';
  const found = `${kind} ${row?.version} at ${db.location}, ${megabytes} MB`;
  return { name, status: 'ok', found };
}

function cannotOpen(error: unknown): Finding {
  const found = explain(error);
  // It is a server that holds it, most likely.
  if (error instanceof QuestlogError && error.code === 'database_locked')
    return { name, status: 'warn', found, remedy: 'stop that process to have the database looked into' };
  return { name, status: 'fail', found, remedy: 'see DATABASE_URL or QUESTLOG_DATA_DIR' };
}

function warn(found: string, remedy: string): Opened {
  return { findings: [{ name, status: 'warn', found, remedy }] };
}
