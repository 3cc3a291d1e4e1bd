import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { begin, SOCKETS } from '../../channels.ts';
import { describeError } from '../../describe-error.ts';
import { explainMissing, invalidField, QuestlogError } from '../../errors.ts';
import type { Live } from '../../live/live.ts';
import * as wire from '../../wire/live.ts';
import { CLOSE, LIVE_PROTOCOL } from '../../wire/live-protocol.ts';
import { isUnauthenticated, type SignInOptions, signIn } from '../auth/authenticate.ts';
import { type Clock, systemClock } from '../clock.ts';
import { assertOrigin, offeredProtocols, withToken, withTokenOf } from '../live/live-request.ts';
import { LiveSocket } from '../live/live-socket.ts';
import { takeUpgrades } from '../live/upgrades.ts';
import { problems, reply } from '../problem-schemas.ts';
import { endWithProblem } from '../replies/raw-problem.ts';
import { endAsUpgrade, traceRequests } from '../replies/trace-requests.ts';
import { sendProblem } from '../router.ts';
import { compileValidator } from '../validate.ts';

/** What is told to whom, over WebSockets. */
export interface LiveRouterOptions extends SignInOptions {
  /** Where the signals come from. */
  readonly live: Live;
  /** Origins whose pages may connect, beside the server's own. Default: none. */
  readonly origins?: readonly string[] | undefined;
  /** Sockets that one user may have open on this process. Default: 50. */
  readonly maxSocketsPerUser?: number | undefined;
  /** How often a client is asked whether it is still there, in milliseconds. Default: 25,000. */
  readonly heartbeatMs?: number | undefined;
  /** What a client may leave unread before signals are left out, in bytes. Default: 64 KiB. */
  readonly maxQueuedBytes?: number | undefined;
  /** For tests. Default: the system's. */
  readonly clock?: Clock | undefined;
}

const DEFAULT_MAX_SOCKETS = 50;
const DEFAULT_HEARTBEAT_MS = 25_000;
const DEFAULT_MAX_QUEUED_BYTES = 65_536;
/** A fresh token is the longest message. */
const MAX_MESSAGE_BYTES = 16_384;
/** For a client with too many sockets: those that broke are noticed meanwhile. */
const SOCKETS_RETRY_SECONDS = 60;
/** What clients get to answer a close. */
const CLOSE_MS = 500;

/**
 * The WebSocket that tells a user's clients what changes. Register it with the prefix `/chats/live`, and before
 * whatever takes long to close.
 *
 * @example
 * await app.register(liveRouter, { prefix: '/chats/live', live, authenticate });
 */
export const liveRouter: FastifyPluginAsync<LiveRouterOptions> = async (fastify, options) => {
  traceRequests(fastify);
  const sockets = await acceptSockets(fastify);
  fastify.setValidatorCompiler(compileValidator);
  fastify.setSerializerCompiler(() => JSON.stringify);
  fastify.setErrorHandler(sendProblem);
  if (!fastify.hasRequestDecorator('questlogUser')) fastify.decorateRequest('questlogUser', null);
  fastify.addHook('onRequest', (request) => authenticateUpgrade(request, options));
  fastify.route<{ Querystring: { since?: string } }>({
    method: 'GET',
    url: '/',
    // A HEAD request cannot be upgraded.
    exposeHeadRoute: false,
    schema: {
      tags: ['chats'],
      operationId: 'watchChats',
      summary: 'Watch your chats (WebSocket)',
      description:
        `Upgrade with the subprotocol \`${LIVE_PROTOCOL}\`, and \`token.<jwt>\` as a second one unless the token is ` +
        'in a header. Sends signals about what changes; see docs/live.md',
      querystring: wire.LiveQuery,
      response: {
        101: reply(wire.ServerMessage, 'From here on each message is a ServerMessage'),
        ...problems(400, 403, 426),
      },
    },
    preValidation: async (request) => {
      if (request.ws) assertSocketLimit(sockets, request, options);
    },
    handler: () => {
      throw new QuestlogError('upgrade_required', 'this is a WebSocket: connect with the upgrade of one');
    },
    wsHandler: (socket, request) => serveSocket(socket, request, sockets, options),
  });
};

type Sockets = Map<string, number>;

/** Accepts WebSockets, and closes them before the app: their clients move to another process. */
async function acceptSockets(fastify: FastifyInstance): Promise<Sockets> {
  const upgrades = takeUpgrades(fastify.server, fastify.prefix);
  const { default: websocket } = await import('@fastify/websocket').catch(
    explainMissing('@fastify/websocket'),
  );
  await fastify.register(websocket, {
    options: {
      server: upgrades.server,
      maxPayload: MAX_MESSAGE_BYTES,
      // The token that comes as another one is not repeated.
      handleProtocols: () => LIVE_PROTOCOL,
    },
    errorHandler: (error, socket, request) => {
      request.log.info({ error: describeError(error) }, 'live socket failed');
      socket.terminate();
    },
    preClose: (done) => {
      upgrades.stop();
      const { clients } = fastify.websocketServer;
      for (const socket of clients) socket.close(CLOSE.goingAway, 'the server stops');
      setTimeout(() => {
        for (const socket of clients) socket.terminate();
      }, CLOSE_MS).unref();
      done();
    },
  });
  // By itself it ends only what came as far as its own hook, and the hooks of an app are before it.
  fastify.addHook('onResponse', async ({ raw }) => {
    if (upgrades.took(raw)) raw.socket.destroySoon();
  });
  // By itself it would answer in HTML.
  fastify.websocketServer.on('wsClientError', (error, socket) => {
    endWithProblem(socket, new QuestlogError('invalid_request', error.message, { cause: error }));
  });
  return new Map();
}

/**
 * A bad token does not refuse the upgrade: a page sees no status of a refused one, and could not tell that its user has
 * to sign in from a server that is away.
 */
async function authenticateUpgrade(
  request: FastifyRequest,
  { origins = [], ...options }: LiveRouterOptions,
): Promise<void> {
  if (!request.ws) {
    request.questlogUser = await signIn(request, options);
    return;
  }
  assertOrigin(request, origins);
  if (!offeredProtocols(request.headers).includes(LIVE_PROTOCOL)) {
    throw invalidField('Sec-WebSocket-Protocol', `must offer ${LIVE_PROTOCOL}`);
  }
  try {
    request.questlogUser = await signIn(request, options, { headers: withTokenOf(request.headers) });
  } catch (error) {
    if (!isUnauthenticated(error)) throw error;
  }
}

function assertSocketLimit(sockets: Sockets, request: FastifyRequest, options: LiveRouterOptions): void {
  const { maxSocketsPerUser = DEFAULT_MAX_SOCKETS } = options;
  const open = sockets.get(request.questlogUser?.userId ?? '') ?? 0;
  if (open < maxSocketsPerUser) return;
  throw new QuestlogError('rate_limited', 'too many sockets: close some', {
    details: { retry_after: SOCKETS_RETRY_SECONDS },
  });
}

async function serveSocket(
  socket: WebSocket,
  request: FastifyRequest<{ Querystring: { since?: string } }>,
  sockets: Sockets,
  options: LiveRouterOptions,
): Promise<void> {
  endAsUpgrade(request);
  const user = request.questlogUser;
  if (user === null) return socket.close(CLOSE.signIn, 'sign in first');
  const { userId } = user;
  const activity = begin(SOCKETS, () => ({}));
  sockets.set(userId, (sockets.get(userId) ?? 0) + 1);
  socket.once('close', (code) => {
    activity?.end();
    const left = (sockets.get(userId) ?? 1) - 1;
    if (left > 0) sockets.set(userId, left);
    else sockets.delete(userId);
    log.info({ user_id: userId, code }, 'live socket closed');
  });
  const { log, headers } = request;
  log.info({ user_id: userId }, 'live socket opened');
  const started = new LiveSocket(socket, {
    live: options.live,
    user,
    authenticate: (token) => signIn(request, options, { headers: withToken(headers, token) }),
    clock: options.clock ?? systemClock,
    heartbeatMs: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
    maxQueuedBytes: options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES,
  }).start(request.query.since);
  await started.catch((error: unknown) => {
    log.warn({ user_id: userId, error: describeError(error) }, 'live socket could not start');
    socket.close(CLOSE.failed, 'try again later');
  });
}
