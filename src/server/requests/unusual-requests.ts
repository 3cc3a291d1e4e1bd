import type { FastifyInstance } from 'fastify';
import { invalidField } from '../../errors.ts';

/** Takes from Node what it would answer without a body: an unknown `Expect`, and a missing `Host` (RFC 9112, 3.2). */
export function answerUnusualRequests(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.httpVersion !== '1.0' && raw.headers.host === undefined)
      throw invalidField('Host', 'is required');
  });
}
