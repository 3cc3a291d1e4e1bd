import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { QuestlogError } from '../../errors.ts';
import { toProblem } from '../../wire/problem.ts';

/** Answers on a connection that has no request, only what should have been one, and closes it. */
export function endWithProblem(socket: Duplex, error: QuestlogError): void {
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

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
