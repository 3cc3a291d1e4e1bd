import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open.ts';
import { describeError } from '../describe-error.ts';
import { toFolder } from '../driver/open.ts';
import { hasCluster } from '../driver/pglite/pglite-driver.ts';
import { assertRights } from '../driver/rights.ts';
import { QuestlogError } from '../errors.ts';
import type { ServedAgent } from '../http/agents/read-agents.ts';
import { createModel } from '../models/model.ts';
import { planDistribution } from '../store/distribution/distribute.ts';
import { exampleAgents } from './agents/example.ts';
import { loadAgents } from './agents/load-agents.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { createAuthenticate, describeSignIn } from './sign-in.ts';
import { prepareTables } from './use-database.ts';

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, what it stores in, who may use it and which model answers: for people. */
  readonly summary: readonly string[];
  readonly log: Logger;
  /** Ends running requests and closes the database. */
  stop(): Promise<void>;
}

/**
 * Opens the database, brings it up to date and listens.
 *
 * @param say tells people what takes some time.
 * @throws QuestlogError with one clear sentence; nothing is left open.
 */
export async function startServer(config: Config, say: (line: string) => void): Promise<RunningServer> {
  await assertFree(config);
  const folder = toFolder(config.database);
  if (folder !== undefined && !(await hasCluster(folder))) {
    say(`creating the database in ${folder}, which takes some seconds`);
  }
  const log = createLog(config.logLevel);
  const model = await createModel(config.model);
  const db = await openDatabase(config.database, {
    poolSize: config.poolSize,
    schema: config.schema,
    onIdleError: (error) => log.warn({ error: describeError(error) }, 'a database connection was lost'),
  });
  let app: FastifyInstance | undefined;
  try {
    await prepareTables(db, config);
    if (db.isDistributed) await assertDistributed(db);
    await assertRights(db);
    const agents =
      config.agents === undefined
        ? exampleAgents({ db, model: model.model })
        : await loadAgents(config.agents, db);
    const authenticate = createAuthenticate(config.signIn);
    app = await buildApp({ config, db, authenticate, model, agents, log });
    const { host, port } = config;
    const { basePath } = config;
    const url = (await app.listen({ host, port }).catch(cannotListen(host, port))) + basePath;
    return { summary: summarize(config, url, db, agents, model.description), log, stop: () => stop(app, db) };
  } catch (error) {
    await stop(app, db);
    throw error;
  }
}

/** A database that was distributed by another version, or not to its end. */
async function assertDistributed(db: Database): Promise<void> {
  const steps = await planDistribution(db);
  if (steps.length === 0) return;
  throw new QuestlogError(
    'invalid_configuration',
    `the database is not distributed to its end (${steps.length} steps are left): run questlog distribute`,
  );
}

/** To stderr: stdout is for people. */
export function createLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Fastify's own lines; ours describe their error under `error`.
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/** Before anything is opened and migrated: whoever starts a server twice should not wait for it. */
async function assertFree({ host, port }: Config): Promise<void> {
  const server = createServer().listen({ host, port });
  await once(server, 'listening').catch(cannotListen(host, port));
  server.close();
  await once(server, 'close');
}

function cannotListen(host: string, port: number): (error: unknown) => never {
  return (error) => {
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code === 'EADDRINUSE') {
      throw new QuestlogError(
        'invalid_configuration',
        `port ${port} on ${host} is in use: set PORT to another one`,
      );
    }
    if (typeof code === 'string' && !code.startsWith('FST_')) {
      throw new QuestlogError('invalid_configuration', `cannot listen on ${host}:${port} (${code})`);
    }
    throw error;
  };
}

async function stop(app: FastifyInstance | undefined, db: Database): Promise<void> {
  try {
    await app?.close();
  } finally {
    await db.close();
  }
}

function summarize(
  config: Config,
  url: string,
  db: Database,
  agents: readonly ServedAgent[],
  model: string,
): string[] {
  const database =
    db.kind === 'postgres'
      ? `PostgreSQL at ${db.location}`
      : `embedded PostgreSQL (PGlite) in ${db.location}`;
  return [
    `Questlog listens on ${url} (API at ${url}/docs)`,
    `  database        ${database}`,
    `  authentication  ${describeSignIn(config.signIn)}`,
    `  agents          ${agents.map(({ agent, path }) => `${agent.name} (${path})`).join(', ')}`,
    `  model           ${model}`,
  ];
}
