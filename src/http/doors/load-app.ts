import type { FastifyInstance } from 'fastify';
import { describeError } from '../../describe-error.ts';
import { explainMissing } from '../../errors.ts';
import { readAgents } from '../agents/read-agents.ts';
import { createConsoleLog } from './console-log.ts';
import type { HandlerOptions } from './handler-options.ts';

/** The app of a handler, when it has been loaded. */
export type GetApp = () => Promise<FastifyInstance>;

/**
 * Begins to load what the routers need. Where Fastify or TypeBox is missing, the log says so at once, and each request is
 * told.
 *
 * @throws QuestlogError `invalid_configuration` for an agent that cannot be served.
 */
export function loadRoutersApp({ log = createConsoleLog(), ...options }: HandlerOptions): GetApp {
  const agents = readAgents(options.agents);
  const load = async () => {
    const { buildRoutersApp } = await import('./routers-app.ts');
    return buildRoutersApp({ ...options, agents, log });
  };
  const app = load()
    .catch(explainMissing('fastify', 'fastify typebox'))
    .catch(explainMissing('typebox', 'fastify typebox'));
  app.catch((error: unknown) => log.error({ error: describeError(error) }, 'the routes cannot be served'));
  return () => app;
}
