import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import type { ChatAgent } from '../../run/types.ts';
import { BodyMemory } from '../body/body-memory.ts';
import { OpenReplies } from '../replies/open-replies.ts';
import { answerParserError } from '../replies/raw-problem.ts';
import { sendProblem } from '../router.ts';
import { createAgentRouter } from '../routes/chat.ts';
import { chatStorageRouter } from '../routes/chats.ts';
import { runsRouter } from '../routes/runs.ts';
import type { HandlerOptions } from './handler-options.ts';

/** An app of all routers, for hosts that are not Fastify. It does not listen. */
export function buildRoutersApp({ basePath = '', agents, log, ...options }: HandlerOptions): FastifyInstance {
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
