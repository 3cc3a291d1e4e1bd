import type { Readable } from 'node:stream';
import { QuestlogError } from '../../errors.ts';
import type { Pieces } from '../../turns.ts';

const FIRST_CAPACITY = 16_384;

export interface ReadOptions {
  /** What the client says that it sends, in bytes; NaN if it does not. */
  readonly length: number;
  /** Bytes. */
  readonly limit: number;
  /** In which it is done. */
  readonly pieces: Pieces;
}

/**
 * Reads a body into one buffer: a list of its chunks could hold hundreds of bytes for each byte of a body that comes
 * one by one.
 *
 * @param check sees the bytes that are there each time there are more.
 * @throws QuestlogError `payload_too_large`; `invalid_request` when the client leaves before the end; what `check` throws.
 */
export async function readBody(
  stream: Readable,
  { length, limit, pieces }: ReadOptions,
  check: (begin: Buffer) => void,
): Promise<Buffer> {
  let buffer: Buffer = Buffer.allocUnsafe(length || FIRST_CAPACITY);
  let end = 0;
  for await (const chunk of chunksOf(stream)) {
    if (end + chunk.length > limit) throw tooLarge(limit);
    if (pieces.isOver) await pieces.next();
    pieces.do(() => {
      if (end + chunk.length > buffer.length) buffer = enlarge(buffer, end + chunk.length);
      chunk.copy(buffer, end);
      end += chunk.length;
      check(buffer.subarray(0, end));
    });
  }
  return buffer.subarray(0, end);
}

/** Without an end of the connection, on which the refusal of the body goes out. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw new QuestlogError('invalid_request', 'the body was not sent to its end', { cause });
  }
}

function enlarge(buffer: Buffer, least: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, least));
  buffer.copy(larger);
  return larger;
}

export function tooLarge(limit: number): QuestlogError {
  const message = `is larger than the limit of ${limit} bytes`;
  return new QuestlogError('payload_too_large', `the body ${message}`, {
    errors: [{ field: 'body', message }],
  });
}
