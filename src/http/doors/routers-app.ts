import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import type { Database } from '../../database/database.ts';
import { invalidField, QuestlogError } from '../../errors.ts';
import type { Runs } from '../../run/runs.ts';
import type { ChatAgent } from '../../run/types.ts';
import { BodyMemory } from '../body/body-memory.ts';
import type { StreamOptions } from '../replies/event-stream.ts';
import { OpenReplies } from '../replies/open-replies.ts';
import { answerParserError } from '../replies/raw-problem.ts';
import { type RouterOptions, sendProblem } from '../router.ts';
import { createAgentRouter } from '../routes/chat.ts';
import { chatStorageRouter } from '../routes/chats.ts';
import { runsRouter } from '../routes/runs.ts';

export interface HandlerOptions extends RouterOptions, StreamOptions {
  readonly db: Database;
  /** The runs of the process. Their maker calls `recover` at its start and `close` at its end. */
  readonly runs: Runs;
  /** Each is at `/agents/{its name}`, the first one at `/chat`, too. */
  readonly agents: readonly ChatAgent[];
  /** Where the host has put the handler, such as `/api`: what its paths begin with. Default: nothing. */
  readonly basePath?: string | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** Gets one line for each request and failure, such as a `pino`. Default: none. */
  readonly log?: FastifyBaseLogger | undefined;
}

/** What a path can hold, as Fastify's router reads it. */
const PATH = /^(\/[\w.~-]+)*$/;
const UNROUTABLE = /[#$&+,/:;=?@%*\\\p{C}]|^\.{1,2}$/u;

/**
 * An app of all routers, for hosts that are not Fastify. It does not listen.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 */
export function buildRoutersApp({ basePath = '', agents, log, ...options }: HandlerOptions): FastifyInstance {
  checkPath(basePath);
  checkAgents(agents);
  const app = Fastify({
    ...(log === undefined ? {} : { loggerInstance: log }),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    clientErrorHandler: answerParserError,
    // A URL that cannot be read reaches no route and no error handler.
    frameworkErrors: (error, request, reply) => {
      void sendProblem(error, request, reply);
    },
  });
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler(() => {
    throw new QuestlogError('not_found', `there is nothing here; the routes begin with ${basePath}/`);
  });
  const common = { bodyMemory: new BodyMemory(), replies: new OpenReplies(), ...options };
  const routers: FastifyPluginAsync = async (scope) => {
    await scope.register(chatStorageRouter, { prefix: '/chats', ...common });
    await scope.register(runsRouter, { prefix: '/runs', ...common });
    for (const { agent, prefix } of mount(agents)) {
      await scope.register(createAgentRouter({ ...common, agent, prefix }));
    }
  };
  void app.register(routers, { prefix: basePath });
  return app;
}

function mount(agents: readonly ChatAgent[]): { readonly agent: ChatAgent; readonly prefix: string }[] {
  const named = agents.map((agent) => ({ agent, prefix: `/agents/${agent.name}` }));
  return [...agents.slice(0, 1).map((agent) => ({ agent, prefix: '/chat' })), ...named];
}

function checkPath(basePath: string): void {
  if (!PATH.test(basePath))
    throw invalidField('basePath', 'must be a path such as /api, without a slash at its end');
}

function checkAgents(agents: readonly ChatAgent[]): void {
  if (agents.length === 0) throw invalidField('agents', 'must have an agent');
  const names = agents.map(({ name }) => name);
  names.forEach((name, index) => {
    if (UNROUTABLE.test(name)) {
      throw invalidField(
        `agents[${index}].name`,
        'cannot stand in a URL: use letters, digits, spaces and hyphens',
      );
    }
    if (names.indexOf(name) < index) throw invalidField(`agents[${index}].name`, 'is that of another agent');
  });
}
