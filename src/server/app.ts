import cors from '@fastify/cors';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Database } from '../database/database.ts';
import { describeError } from '../describe-error.ts';
import { QuestlogError } from '../errors.ts';
import type { ServedAgent } from '../http/agents/read-agents.ts';
import type { Authenticate, SignInOptions } from '../http/auth/authenticate.ts';
import { BodyMemory } from '../http/body/body-memory.ts';
import { assertOrigin } from '../http/live/live-request.ts';
import { OpenReplies } from '../http/replies/open-replies.ts';
import { traceRequests } from '../http/replies/trace-requests.ts';
import { addVary } from '../http/replies/vary.ts';
import { sendProblem } from '../http/router.ts';
import { APP_OPTIONS, serveRouters } from '../http/routers.ts';
import { healthRouter } from '../http/routes/health.ts';
import { liveRouter } from '../http/routes/live.ts';
import { newId } from '../ids.ts';
import { busAt } from '../live/bus-at.ts';
import { Live } from '../live/live.ts';
import type { ChosenModel } from '../models/model.ts';
import { createRunner } from '../models/runner.ts';
import { Runs } from '../run/runs.ts';
import { SearchIndexer } from '../search/search-indexer.ts';
import { nameModels } from './agents/name-models.ts';
import { type Config, secretsOf } from './config.ts';
import type { Metrics } from './observe/metrics.ts';
import { routeMetrics } from './observe/serve-metrics.ts';
import { documentApi } from './openapi.ts';
import { isNavigation, type Page, readPage, securityHeaders, sendPage, servePage } from './page.ts';
import { schedulePurges } from './purging.ts';
import { refuseWhenClosing } from './requests/closing.ts';
import { compressReplies } from './requests/compression.ts';
import { limitRates, type RateLimit } from './requests/rate-limits.ts';
import { logAborted, logRequests } from './requests/request-log.ts';
import { answerUnusualRequests } from './requests/unusual-requests.ts';

export interface AppOptions {
  readonly config: Config;
  readonly db: Database;
  readonly authenticate: Authenticate;
  readonly model: ChosenModel;
  /** At least one. */
  readonly agents: readonly ServedAgent[];
  readonly log: FastifyBaseLogger;
  /** Served at `/metrics`, to whoever has their token. Default: they are not served here. */
  readonly metrics?: Metrics | undefined;
}

/** To whom slips in the name of one. */
const MAX_NAMED_AGENTS = 10;

/** The ready server, not yet listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config } = options;
  const app = Fastify({
    ...APP_OPTIONS,
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => newId(),
    // Not as a number, by which Fastify trusts nobody.
    trustProxy: (_address, hop) => hop < config.trustedProxies,
    requestTimeout: 120_000,
    // Of 10 seconds by default, also for closing: runs may have longer to finish.
    pluginTimeout: 0,
    // Requests are answered first, and streams ended by their router; what is left then are idle connections.
    forceCloseConnections: true,
    // Refused below, as a problem like any other.
    return503OnClosing: false,
    http: { requireHostHeader: false },
  });
  app.setErrorHandler(sendProblem);
  traceRequests(app);
  logRequests(app);
  const answerAll = refuseWhenClosing(app, config.shutdownMs, logAborted);
  await protect(app, config);
  answerUnusualRequests(app);
  const { limitUnauthenticated, limitUnknown } = await limitRates(app, config.rateLimit);
  refuseForeignWrites(app, config.corsOrigins);
  const page = readPage(config);
  refuseUnknown(app, limitUnknown, page, options);
  await compressReplies(app);
  const serve: FastifyPluginAsync = async (routes) => {
    if (options.metrics !== undefined) routeMetrics(routes, options.metrics, limitUnauthenticated);
    await serveApi(routes, options, {
      authenticate: options.authenticate,
      onUnauthenticated: limitUnauthenticated,
    });
    // After the runs have ended.
    routes.addHook('preClose', answerAll);
    await servePage(routes, page);
  };
  await app.register(serve, { prefix: config.basePath });
  return app;
}

/** What is served of the chats, their runs and agents. What runs in the background begins with it, and ends before it. */
async function serveApi(app: FastifyInstance, options: AppOptions, signIn: SignInOptions): Promise<void> {
  const { config, db, model } = options;
  await documentApi(app);
  const { maxItemBytes, maxItems, runTimeoutMs: timeoutMs, maxTurns, history, eventsMs } = config;
  const bounds = {
    bodyMemory: new BodyMemory({ turns: db.turns }),
    replies: new OpenReplies({ maxPerUser: config.maxReplies }),
  };
  const search = { stems: config.searchStems };
  const limits = { bodyLimit: config.bodyLimit, maxItemBytes, maxItems };
  const common = { db, ...signIn, ...bounds, ...limits, search };
  await app.register(healthRouter, { db });
  await serveLive(app, options, signIn);
  const runs = new Runs({
    db,
    runner: createRunner(model),
    maxItemBytes,
    timeoutMs,
    runOptions: { maxTurns },
    history,
    eventsMs,
    ...config.usage,
    ...(config.titleModel === undefined ? {} : { titles: { model: config.titleModel } }),
    secrets: secretsOf(config),
  });
  app.addHook('onReady', async () => {
    await runs.recover().catch((error: unknown) => {
      options.log.warn({ error: describeError(error) }, 'runs of ended processes could not be looked for');
    });
  });
  schedulePurges(app, db, config.keep);
  app.addHook('preClose', () => runs.close(config.shutdownMs));
  const indexer = new SearchIndexer({ db, ...search });
  app.addHook('onReady', async () => indexer.start());
  app.addHook('onClose', () => indexer.close());
  await serveRouters(app, { ...common, runs, agents: nameModels(options.agents, model, config.accepts) });
}

/** Its sockets are closed before the runs get their time to end, and its last news go out after that. */
async function serveLive(
  app: FastifyInstance,
  { config, db, log }: AppOptions,
  signIn: SignInOptions,
): Promise<void> {
  // The embedded database has one process.
  const url = config.liveUrl ?? (config.database.startsWith('postgres:') ? config.database : undefined);
  const live = new Live({
    db,
    bus: url === undefined ? undefined : busAt(url, { schema: config.schema }),
    onError: (error) => log.warn({ error: describeError(error) }, 'live updates are slower for a while'),
  });
  app.addHook('onReady', () => live.start());
  app.addHook('onClose', () => live.close());
  await app.register(liveRouter, { prefix: '/chats/live', live, ...signIn, origins: config.corsOrigins });
}

/** What changes something is not for pages of other origins, also where it needs no preflight: a POST without a body. */
function refuseForeignWrites(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request) => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
    const { origin, 'sec-fetch-site': site } = request.headers;
    // A proxy may have changed the name of the host.
    if (site === 'same-origin') return;
    assertOrigin(request, origins);
    if (origin === undefined && site === 'cross-site') {
      throw new QuestlogError('origin_refused', 'pages of other origins may not do this');
    }
  });
}

/** What is not there is so before its body is read. People are told by the page. */
function refuseUnknown(
  app: FastifyInstance,
  limit: RateLimit,
  page: Page | undefined,
  { agents, config: { basePath } }: AppOptions,
): void {
  const places = agents.slice(0, MAX_NAMED_AGENTS).map(({ path }) => basePath + path);
  if (agents.length > places.length) places.push('…');
  const refuse = async (request: FastifyRequest, reply: FastifyReply) => {
    await limit(request);
    addVary(reply, 'accept');
    if (page !== undefined && isNavigation(request)) return sendPage(reply.code(404), page);
    const where = request.url.startsWith(`${basePath}/agents/`)
      ? ` the agents are at ${places.join(', ')};`
      : '';
    throw new QuestlogError(
      'not_found',
      `there is nothing here;${where} the routes are listed at ${basePath}/docs`,
    );
  };
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return refuse(request, reply);
  });
  // For static files, which find this out later.
  app.setNotFoundHandler(refuse);
}

async function protect(app: FastifyInstance, config: Config): Promise<void> {
  // Not by a plugin that sets them on the raw reply: Node then sets all headers of a reply one by one.
  const headers = securityHeaders(config.signIn);
  app.addHook('onSend', async (request, reply) => {
    const ownPolicy = reply.getHeader('content-security-policy');
    reply.headers(headers).header('x-request-id', request.id);
    if (ownPolicy !== undefined) reply.header('content-security-policy', ownPolicy);
  });
  await app.register(cors, {
    origin: config.corsOrigins.length === 0 ? false : [...config.corsOrigins],
    allowedHeaders: [
      'content-type',
      'authorization',
      'x-stack-access-token',
      'x-stack-auth',
      'if-match',
      'if-none-match',
      'last-event-id',
      'idempotency-key',
    ],
    exposedHeaders: ['etag', 'location', 'retry-after', 'x-request-id', 'x-run-id', 'x-session-id'],
    methods: ['GET', 'POST', 'PUT', 'DELETE'],
    maxAge: 600,
  });
}
