import { type Checks, checkOptions, isFunction, optional } from '../options.ts';
import { HANDLER_OPTIONS, type HandlerOptions } from './doors/handler-options.ts';
import { loadRoutersApp } from './doors/load-app.ts';
import { type FetchHandler, type ServeFetchOptions, serveFetch } from './doors/serve-fetch.ts';

export type { DescribedAgent } from './agents/read-agents.ts';
export type { HandlerOptions } from './doors/handler-options.ts';
export type { FetchHandler } from './doors/serve-fetch.ts';
export * from './parts.ts';

/** What the handler serves, and to whom. */
export interface FetchHandlerOptions extends HandlerOptions, ServeFetchOptions {}

const OPTIONS: Checks<FetchHandlerOptions> = { ...HANDLER_OPTIONS, clientAddress: optional(isFunction) };

/**
 * The routes of chats, runs and agents for hosts that speak the web's own types: Next.js, Hono and others that run on
 * Node.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 * @example
 * const handler = createHandler({ db, runs: new Runs({ db }), agents: [agent], authenticate, basePath: '/api' });
 * export { handler as DELETE, handler as GET, handler as POST, handler as PUT };
 */
export function createHandler(options: FetchHandlerOptions): FetchHandler {
  checkOptions(options, OPTIONS);
  const { clientAddress, ...others } = options;
  return serveFetch(loadRoutersApp(others), { clientAddress });
}
