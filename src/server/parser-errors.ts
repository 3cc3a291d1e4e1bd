import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { invalidField, QuestlogError } from '../errors.ts';
import { endWithProblem } from '../http/replies/raw-problem.ts';

/** What Node's parser refuses reaches no route: Fastify's `clientErrorHandler`, with the problem that it is. */
export function answerParserError(error: NodeJS.ErrnoException, socket: Socket): void {
  // The connection is broken, or in the middle of a reply that this would garble.
  const reply = Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined;
  if (!socket.writable || reply?.headersSent) socket.destroy();
  else endWithProblem(socket, toParserProblem(error.code));
}

function toParserProblem(code: string | undefined): QuestlogError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new QuestlogError('request_timeout', 'the request did not come in time');
    case 'HPE_HEADER_OVERFLOW':
      return new QuestlogError('headers_too_large', 'the headers are larger than 16 KB');
    default:
      return new QuestlogError('invalid_request', 'this is not a request of HTTP/1.1');
  }
}

/** Takes from Node what it would answer without a body: an unknown `Expect`, and a missing `Host` (RFC 9112, 3.2). */
export function answerUnusualRequests(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.httpVersion !== '1.0' && raw.headers.host === undefined)
      throw invalidField('Host', 'is required');
  });
}
