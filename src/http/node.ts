import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { checkOptions } from '../options.ts';
import type { User } from './auth/authenticate.ts';
import { HANDLER_OPTIONS, type HandlerOptions } from './doors/handler-options.ts';
import { loadRoutersApp } from './doors/load-app.ts';
import { type NodeHandler, serveNode } from './doors/serve-node.ts';

export type { DescribedAgent } from './agents/read-agents.ts';
export type { HandlerOptions } from './doors/handler-options.ts';
export type { NodeHandler } from './doors/serve-node.ts';
export * from './parts.ts';

/** What the handler serves, and to whom. */
export interface NodeHandlerOptions<Incoming extends IncomingMessage>
  extends Omit<HandlerOptions, 'authenticate'> {
  /**
   * Tells who sent a request, of the request as the host has it: with the `user` or `session` of its middleware.
   *
   * @throws QuestlogError `unauthenticated` (401), `auth_unavailable` (503).
   */
  readonly authenticate: (request: Incoming) => Promise<User> | User;
}

/**
 * The routes of chats, runs and agents for hosts with `(req, res)`: Express, Connect, NestJS, `node:http`.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 * @example
 * app.use('/api', createHandler({ db, runs: new Runs({ db }), agents: [agent], authenticate, basePath: '/api' }));
 */
export function createHandler<Incoming extends IncomingMessage>(
  options: NodeHandlerOptions<Incoming>,
): NodeHandler<Incoming> {
  checkOptions(options, HANDLER_OPTIONS);
  const { authenticate, ...others } = options;
  const getApp = loadRoutersApp({
    ...others,
    authenticate: (request) => authenticate((request as FastifyRequest).raw as Incoming),
  });
  return serveNode(getApp);
}
