import type { FastifyInstance } from 'fastify';
import { explainMissing } from '../../errors.ts';
import { checkHandlerOptions, type HandlerOptions } from './handler-options.ts';

/** The app of a handler, made when it is first asked for. */
export type GetApp = () => Promise<FastifyInstance>;

/**
 * Loads what the routers need when there is a request: where Fastify or TypeBox is missing, a sentence says so.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 */
export function loadRoutersApp(options: HandlerOptions): GetApp {
  checkHandlerOptions(options);
  let app: Promise<FastifyInstance> | undefined;
  const load = async () => (await import('./routers-app.ts')).buildRoutersApp(options);
  return () => {
    app ??= load()
      .catch(explainMissing('fastify', 'fastify typebox'))
      .catch(explainMissing('typebox', 'fastify typebox'));
    return app;
  };
}
