import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import { type BodyMemory, estimateHeap } from './body-memory.ts';
import { readBody } from './read-body.ts';
import { unreadBody } from './unread-body.ts';

/** Of JSON Lines. */
export const LINES_TYPE = 'application/x-ndjson';

/** Lets a scope that takes JSON (`acceptJson`) take JSON Lines too: as one text, within the same limits. */
export function acceptLines(
  fastify: FastifyInstance,
  { memory, bodyLimit: limit }: { readonly memory: BodyMemory; readonly bodyLimit: number },
): void {
  fastify.addContentTypeParser(LINES_TYPE, async (request: FastifyRequest, payload: Readable) => {
    const length = Number(request.headers['content-length']);
    const userId = request.questlogUser?.userId ?? request.ip;
    const pieces = memory.turns.begin(userId);
    const body = await readBody(unreadBody(request.raw, payload), { length, limit, pieces }, () => undefined);
    const held = request.questlogBody;
    if (held !== null) await memory.parsed.take(userId, estimateHeap(body.length, 0), held.done.signal);
    const text = toText(body);
    held?.releaseBytes();
    return text;
  });
}

function toText(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new QuestlogError('invalid_request', 'the body is not UTF-8', { cause });
  }
}
