import { finished } from 'node:stream/promises';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { readOutcome } from '../../run/outcome/run-outcome.ts';
import { Runs } from '../../run/runs.ts';
import type { RunsOptions } from '../../run/runs-options.ts';
import type { ChatAgent, Run, RunResult } from '../../run/types.ts';
import type { Accepts } from '../../wire/agents.ts';
import * as wire from '../../wire/chat.ts';
import { RunEvent } from '../../wire/events.ts';
import { releaseBody } from '../body/accept-json.ts';
import { problems, problemsOfChange, reply as replySchema } from '../problem-schemas.ts';
import { describeAgent } from '../replies/agent-info.ts';
import { readLastEventId, type StreamOptions, sendEvents } from '../replies/event-stream.ts';
import { idempotencyKey, lastEventId } from '../request-headers.ts';
import { prepareRouter, type Router, type RouterOptions, sendProblem, userOf } from '../router.ts';

/** Which agent is served, and how it is run. */
export interface AgentRouterOptions extends RouterOptions, StreamOptions, Omit<RunsOptions, 'timeoutMs'> {
  /** The runs of the app, shared by all its routers; their maker closes them. Default: the router's own. */
  readonly runs?: Runs | undefined;
  /** What answers. */
  readonly agent: ChatAgent;
  /** Where the routes are. Default: `/chat`. */
  readonly prefix?: string | undefined;
  /** What `info` calls the agent. Default: its name. */
  readonly agentName?: string | undefined;
  /** What `info` says of the model. Default: what the agent says. */
  readonly model?: { readonly name: string; readonly offline: boolean } | undefined;
  /** What its model takes beside text: runs with other parts are refused. Default: images and files. */
  readonly accepts?: Accepts | undefined;
  /** For the router's own runs: how long one may take. Default: 10 minutes. */
  readonly runTimeoutMs?: number | undefined;
  /**
   * How long a closing app lets the router's own runs finish; shorter than Fastify's `pluginTimeout`. Default: 3
   * seconds.
   */
  readonly shutdownMs?: number | undefined;
}

const DEFAULT_PREFIX = '/chat';
const DEFAULT_SHUTDOWN_MS = 3_000;

/**
 * A plugin with the three routes of an agent: `run`, `stream` and `info`. It executes the agent and nothing else; the
 * conversations are at the chat storage router. Any number of agents may go on with any chat of the user.
 *
 * @example
 * await app.register(createAgentRouter({ agent, db, authenticate, prefix: '/chat' }));
 */
export function createAgentRouter(options: AgentRouterOptions): FastifyPluginAsync {
  const prefix = options.prefix ?? DEFAULT_PREFIX;
  return async (fastify) => {
    const runs = options.runs ?? ownRuns(fastify, options);
    runs.register(options.agent, options.runOptions);
    await fastify.register(
      async (scope) => {
        const router = prepareRouter(scope, options);
        routeRun(router, runs, options);
        routeStream(router, runs, options);
        routeInfo(router, options);
      },
      { prefix },
    );
  };
}

function ownRuns(fastify: FastifyInstance, options: AgentRouterOptions): Runs {
  const { db, runner, runOptions, secrets, maxItemBytes, history, compaction, titles, leaseMs, eventsMs } =
    options;
  const { prices, limits } = options;
  const { runTimeoutMs: timeoutMs, shutdownMs } = options;
  const own = {
    db,
    runner,
    runOptions,
    timeoutMs,
    secrets,
    maxItemBytes,
    history,
    compaction,
    titles,
    prices,
    limits,
    leaseMs,
    eventsMs,
  };
  // Of every option that there is.
  const runs = new Runs(own satisfies Record<keyof RunsOptions, unknown>);
  fastify.addHook('onReady', () => runs.recover());
  fastify.addHook('preClose', () => runs.close(shutdownMs ?? DEFAULT_SHUTDOWN_MS));
  return runs;
}

function routeRun(router: Router, runs: Runs, options: AgentRouterOptions): void {
  router.post(
    '/run',
    {
      schema: {
        tags: ['agent'],
        operationId: operationId('run', router),
        summary: `Run ${options.agent.name}`,
        description:
          'The user’s message is stored before the model is called, what the run makes when it ends',
        headers: Type.Object(idempotencyKey),
        body: wire.AgentRequest,
        response: {
          200: replySchema(wire.AgentResponse, 'The run succeeded'),
          ...problemsOfChange(404, 409, 422, 500, 502, 504),
        },
      },
    },
    async (request, reply) => {
      const run = await start(runs, options, request, request.body);
      reply.header('x-run-id', run.runId);
      const leaving = new AbortController();
      // Also of a client who has left already.
      run.deliver(finished(reply.raw).finally(() => leaving.abort()));
      try {
        return toResponse(await run.result(leaving.signal));
      } catch (error) {
        if (leaving.signal.aborted) return reply.hijack();
        return sendProblem(error, request, reply, { run_id: run.runId, session_id: run.chatId });
      }
    },
  );
}

function routeStream(router: Router, runs: Runs, options: AgentRouterOptions): void {
  router.post(
    '/stream',
    {
      // Events would wait in the encoder.
      compress: false,
      schema: {
        tags: ['agent'],
        operationId: operationId('stream', router),
        summary: `Run ${options.agent.name} and follow it`,
        description:
          'Server-sent events, numbered from 1. The run goes on when the client leaves. With the `Idempotency-Key` of ' +
          'an earlier request its run goes on to be told, after `Last-Event-ID`',
        headers: Type.Object({ ...idempotencyKey, ...lastEventId }),
        body: wire.AgentRequest,
        response: {
          200: {
            description: 'The events of the run; each `data:` is a RunEvent. `X-Run-Id` names the run',
            content: { 'text/event-stream': { schema: RunEvent } },
          },
          ...problemsOfChange(404, 409, 410, 422),
        },
      },
    },
    async (request, reply) => {
      const after = readLastEventId(request.headers['last-event-id']);
      const run = await start(runs, options, request, request.body);
      if (!run.joined) return sendEvents(reply, run, 0, options);
      const joined = await runs.follow(userOf(request), run.runId, after);
      return sendEvents(reply, joined, after, options);
    },
  );
}

function routeInfo(router: Router, options: AgentRouterOptions): void {
  router.get(
    '/info',
    {
      schema: {
        tags: ['agent'],
        operationId: operationId('getInfoOf', router),
        summary: `About ${options.agent.name}`,
        response: { 200: replySchema(wire.AgentInfo, 'The agent'), ...problems() },
      },
    },
    async (): Promise<wire.AgentInfo> => describeAgent(options, router.prefix),
  );
}

/** Unique among several agents: `run` at `/agents/support` → `runAgentsSupport`. */
function operationId(verb: string, { prefix }: Router): string {
  const words = prefix.split(/[^A-Za-z0-9]+/);
  return verb + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

async function start(
  runs: Runs,
  { agent, accepts, runOptions }: AgentRouterOptions,
  request: FastifyRequest,
  body: wire.AgentRequest,
): Promise<Run> {
  const key = request.headers['idempotency-key'];
  const run = await runs.start({
    agent,
    userId: userOf(request),
    input: body.input,
    accepts,
    chatId: body.session_id,
    context: body.context,
    pending: body.pending,
    idempotencyKey: typeof key === 'string' ? key : undefined,
    runOptions,
    log: request.log,
  });
  releaseBody(request);
  return run;
}

function toResponse(result: RunResult): wire.AgentResponse {
  const { type: _, ...rest } = result;
  return { ...readOutcome(null), pending: [], ...rest, success: true, error: null };
}
