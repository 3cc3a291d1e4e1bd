import type { Runner } from '@openai/agents-core';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Database } from '../../db/database.ts';
import type { ChatAgent, Run } from '../../run/run.ts';
import { Runs } from '../../run/runs.ts';
import * as wire from '../../wire/chat.ts';
import { RunEvent } from '../../wire/events.ts';
import { describeAgent } from '../agent-info.ts';
import { problems, reply as replySchema } from '../problem-schemas.ts';
import { prepareRouter, type Router, type RouterOptions, sendProblem, userOf } from '../router.ts';
import { sendEvents } from '../sse.ts';

export interface AgentRouterOptions extends RouterOptions {
  readonly db: Database;
  readonly agent: ChatAgent;
  /** Where the routes are. Default: `/chat`. */
  readonly prefix?: string | undefined;
  /** What `info` calls the agent. Default: its name. */
  readonly agentName?: string | undefined;
  /** What `info` says of the model. Default: what the agent says. */
  readonly model?: { readonly name: string; readonly offline: boolean } | undefined;
  /** How agents are run. Default: without tracing, so that nothing leaves for anybody but the model. */
  readonly runner?: Runner | undefined;
  /** A run that takes longer ends with `model_timeout`. Default: 10 minutes. */
  readonly runTimeoutMs?: number | undefined;
  /** How long a closing app lets runs finish. Default: 3 seconds. */
  readonly shutdownMs?: number | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
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
    const runs = new Runs({ ...options, timeoutMs: options.runTimeoutMs });
    fastify.addHook('preClose', () => runs.close(options.shutdownMs ?? DEFAULT_SHUTDOWN_MS));
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
        body: wire.AgentRequest,
        response: {
          200: replySchema(wire.AgentResponse, 'The run succeeded'),
          ...problems(400, 404, 413, 422, 500, 502, 504),
        },
      },
    },
    async (request, reply) => {
      const run = await start(runs, options.agent, request, request.body);
      reply.header('x-run-id', run.runId);
      try {
        return { success: true, error: null, ...(await run.outcome) } satisfies wire.AgentResponse;
      } catch (error) {
        return sendProblem(error, request, reply, { run_id: run.runId, session_id: run.chatId });
      }
    },
  );
}

function routeStream(router: Router, runs: Runs, options: AgentRouterOptions): void {
  router.post(
    '/stream',
    {
      schema: {
        tags: ['agent'],
        operationId: operationId('stream', router),
        summary: `Run ${options.agent.name} and follow it`,
        description: 'Server-sent events, numbered from 1. The run goes on when the client leaves',
        body: wire.AgentRequest,
        response: {
          200: {
            description: 'The events of the run; each `data:` is a RunEvent. `X-Run-Id` names the run',
            content: { 'text/event-stream': { schema: RunEvent } },
          },
          ...problems(400, 404, 413),
        },
      },
    },
    async (request, reply) => {
      const run = await start(runs, options.agent, request, request.body);
      const headers = {
        'x-run-id': run.runId,
        ...(run.chatId === null ? {} : { 'x-session-id': encodeURIComponent(run.chatId) }),
      };
      return sendEvents(reply, toServerSentEvents(run), headers);
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
  agent: ChatAgent,
  request: FastifyRequest,
  body: wire.AgentRequest,
): Promise<Run> {
  return runs.start({
    agent,
    userId: userOf(request),
    input: body.input,
    chatId: body.session_id,
    context: body.context,
    log: request.log,
  });
}

async function* toServerSentEvents(run: Run) {
  for await (const { id, event } of run.events.read()) yield { id, event: event.type, data: event };
}
