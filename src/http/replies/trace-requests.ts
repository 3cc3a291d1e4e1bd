import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Begun, begin, REQUESTS, type RequestActivity } from '../../channels.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** While somebody listens to the course of requests. */
    questlogActivity: Begun<RequestActivity> | null;
  }
}

/** Has the requests to an app, or to a scope of it, tell of their course, and does their work as theirs. */
export function traceRequests(app: FastifyInstance): void {
  if (app.hasRequestDecorator('questlogActivity')) return;
  app.decorateRequest('questlogActivity', null);
  app.addHook('onRequest', (request, reply, done) => {
    const activity = begin(REQUESTS, () => ({
      id: request.id,
      method: request.method,
      route: request.routeOptions.url,
      traceContext: readTraceContext(request),
    }));
    if (activity === undefined) return done();
    request.questlogActivity = activity;
    // Also of a reply whose client has left.
    reply.raw.once('close', () => {
      if (reply.raw.headersSent) activity.message.status = reply.statusCode;
      activity.end();
    });
    activity.run(done);
  });
}

/** Of the headers these two alone: the others may hold a token. */
function readTraceContext({ headers }: FastifyRequest): RequestActivity['traceContext'] {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return undefined;
  return { traceparent, ...(typeof tracestate === 'string' ? { tracestate } : {}) };
}

/** Of a request that became a socket. */
export function endAsUpgrade({ questlogActivity: activity }: FastifyRequest): void {
  if (activity === null) return;
  activity.message.status = 101;
  activity.end();
}
