import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import type { ServedAgent } from '../agents/read-agents.ts';
import { BodyMemory } from '../body/body-memory.ts';
import { OpenReplies } from '../replies/open-replies.ts';
import { sendProblem } from '../router.ts';
import { APP_OPTIONS, serveRouters } from '../routers.ts';
import type { HandlerOptions } from './handler-options.ts';

/** Options of a handler that have been read. */
export interface RoutersAppOptions extends Omit<HandlerOptions, 'agents'> {
  readonly agents: readonly ServedAgent[];
  readonly log: FastifyBaseLogger;
}

/** An app of all routers, for hosts that are not Fastify. It does not listen. */
export function buildRoutersApp({
  basePath = '',
  log,
  replies = new OpenReplies(),
  ...options
}: RoutersAppOptions): FastifyInstance {
  const app = Fastify({ ...APP_OPTIONS, loggerInstance: log });
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler(() => {
    throw new QuestlogError('not_found', `there is nothing here; the routes begin with ${basePath}/`);
  });
  const { bodyMemory = new BodyMemory({ turns: options.db.turns }) } = options;
  const routers: FastifyPluginAsync = (scope) => serveRouters(scope, { ...options, bodyMemory, replies });
  void app.register(routers, { prefix: basePath });
  return app;
}
