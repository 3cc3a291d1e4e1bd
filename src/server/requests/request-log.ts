import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** One line a request: ids, numbers and the route, no content and no query. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => logRequest(request, reply));
}

/** The line of a request whose client has left. */
export function logAborted(request: FastifyRequest, reply: FastifyReply): void {
  logRequest(request, reply, { aborted: true });
}

function logRequest(request: FastifyRequest, reply: FastifyReply, more: object = {}): void {
  if (request.routeOptions.config.quiet) return;
  request.log.info(
    {
      method: request.method,
      route: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime),
      user_id: request.questlogUser?.userId,
      chat_id: chatIdOf(request.params),
      run_id: reply.getHeader('x-run-id'),
      ...more,
    },
    'request',
  );
}

function chatIdOf(params: unknown): unknown {
  return typeof params === 'object' && params !== null && 'chat_id' in params ? params.chat_id : undefined;
}
