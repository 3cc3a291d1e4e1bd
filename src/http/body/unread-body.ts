import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { QuestlogError } from '../../errors.ts';

/**
 * The body of a request as it comes; where the host has read and parsed it (Express, NestJS: `request.body`), JSON of
 * that, which is checked like every other.
 *
 * @throws QuestlogError `invalid_configuration` when it was read and nobody has it.
 */
export function unreadBody(request: IncomingMessage, payload: Readable): Readable {
  if (!request.readableEnded) return payload;
  const parsed: unknown = Reflect.get(request, 'body');
  if (parsed === undefined) throw bodyIsGone();
  const isRaw = typeof parsed === 'string' || Buffer.isBuffer(parsed);
  return Readable.from([Buffer.from(isRaw ? parsed : JSON.stringify(parsed))]);
}

/** The error of a request whose body somebody else has read, and nobody can read again. */
export function bodyIsGone(): QuestlogError {
  return new QuestlogError(
    'invalid_configuration',
    'the body was read before it came here: pass the request on unread',
  );
}
