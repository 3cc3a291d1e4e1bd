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
import { cannotListen, listenOn } from './observe/listen.ts';
import { type Metrics, type OwnMetrics, startMetrics } from './observe/metrics.ts';
import { type MetricsServer, serveMetricsAt } from './observe/serve-metrics.ts';
import { startTracing } from './observe/tracing.ts';
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

/** What a server is that shares its port with others. */
export interface WorkerRole {
  /** Which one it is, in its log. */
  readonly id: number;
  /** Makes of the metrics of this process those of all. */
  readonly shareMetrics: (own: OwnMetrics) => Metrics;
}

/**
 * Opens the database, brings it up to date and listens.
 *
 * @param say tells people what takes some time.
 * @param worker if it is one: its primary has looked whether the port is free.
 * @throws QuestlogError with one clear sentence; nothing is left open.
 */
export async function startServer(
  config: Config,
  say: (line: string) => void,
  worker?: WorkerRole,
): Promise<RunningServer> {
  if (worker === undefined) await assertFree(config);
  const folder = toFolder(config.database);
  if (folder !== undefined && !(await hasCluster(folder))) {
    say(`creating the database in ${folder}, which takes some seconds`);
  }
  const log = createLog(config.logLevel, worker?.id);
  const observed = await observe(config, worker);
  try {
    const server = await startObserved(config, log, observed);
    return { ...server, stop: () => server.stop().finally(() => observed.server?.close()) };
  } catch (error) {
    await observed.server?.close();
    throw error;
  }
}

/** What tells of this process, from before it does anything. */
interface Observed {
  /** To be served beside everything else. */
  readonly metrics: Metrics | undefined;
  readonly server: MetricsServer | undefined;
  readonly isTraced: boolean;
}

async function observe({ metrics: settings }: Config, worker: WorkerRole | undefined): Promise<Observed> {
  const isTraced = await startTracing();
  if (settings === undefined) return { metrics: undefined, server: undefined, isTraced };
  const own = await startMetrics(settings.token);
  const metrics = worker?.shareMetrics(own) ?? own;
  if (settings.place === undefined) return { metrics, server: undefined, isTraced };
  // Those of workers are served by their primary.
  const server = worker === undefined ? await serveMetricsAt(metrics, settings.place) : undefined;
  return { metrics: undefined, server, isTraced };
}

async function startObserved(config: Config, log: Logger, observed: Observed): Promise<RunningServer> {
  const model = await createModel(config.model);
  const db = await openDatabase(config.database, {
    poolSize: config.poolSize,
    schema: config.schema,
    onIdleError: (error) => log.warn({ error: describeError(error) }, 'a database connection was lost'),
  });
  let app: FastifyInstance | undefined;
  try {
    await prepareDatabase(db, config, log);
    const agents =
      config.agents === undefined
        ? exampleAgents({ db, model: model.model })
        : await loadAgents(config.agents, db);
    const authenticate = createAuthenticate(config.signIn);
    app = await buildApp({ config, db, authenticate, model, agents, log, metrics: observed.metrics });
    const { host, port } = config;
    const { basePath } = config;
    const listening = await app.listen({ host, port }).catch(cannotListen({ host, port }, 'PORT'));
    const url = listening + basePath;
    return {
      summary: summarize(config, url, db, agents, model.description, observed),
      log,
      stop: () => stop(app, db),
    };
  } catch (error) {
    await stop(app, db);
    throw error;
  }
}

/** Brings the tables up to date, and makes sure that all is there that a server needs of its database. */
export async function prepareDatabase(db: Database, config: Config, log: Logger): Promise<void> {
  await prepareTables(db, config, true, (words) => log.warn(words));
  if (db.isDistributed) await assertDistributed(db);
  await assertRights(db);
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

/**
 * To stderr: stdout is for people.
 *
 * @param worker which of several this process is.
 */
export function createLog(level: string, worker?: number): Logger {
  return pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Fastify's own lines; ours describe their error under `error`.
      serializers: { err: describeError },
    },
    pino.destination({ fd: 2, sync: false }),
  );
}

/** Before anything is opened and migrated: whoever starts a server twice should not wait for it. */
export async function assertFree({ host, port }: Config): Promise<void> {
  const server = createServer();
  await listenOn(server, { host, port }, 'PORT');
  server.close();
  await once(server, 'close');
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
  { metrics, server, isTraced }: Observed,
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
    ...(server === undefined ? [] : [`  metrics         ${server.url}`]),
    ...(metrics === undefined ? [] : [`  metrics         ${url}/metrics, with QUESTLOG_METRICS_TOKEN`]),
    ...(isTraced ? ['  tracing         OpenTelemetry'] : []),
    `  model           ${model}`,
  ];
}
