import type { Duplex } from 'node:stream';
import type { QuestlogError } from '../../errors.ts';
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
