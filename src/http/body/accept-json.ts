import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import { type BodyMemory, estimateHeap } from './body-memory.ts';
import { JsonScanner } from './json-scanner.ts';
import { parseJson } from './parse-json.ts';
import { readBody, tooLarge } from './read-body.ts';
import { unreadBody } from './unread-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request holds for its body. Null where it has none. */
    questlogBody: HeldBody | null;
  }
}

interface HeldBody {
  /** Aborted when nothing of the body is needed any more: all of its memory is given back. */
  readonly done: AbortController;
  /** Gives back the bytes that came. */
  readonly releaseBytes: () => void;
}

export interface JsonBodyOptions {
  readonly memory: BodyMemory;
  /** Bytes. */
  readonly bodyLimit: number;
  /** In one list. */
  readonly maxItems: number;
}

/** An honest body has a value in ten bytes at most; small limits say nothing about it. */
const BYTES_PER_VALUE = 10;
const LEAST_MAX_VALUES = 1_000_000;

/** Lets a scope take JSON and nothing else, within the memory that there is for bodies. */
export function acceptJson(fastify: FastifyInstance, { memory, bodyLimit, maxItems }: JsonBodyOptions): void {
  const maxValues = Math.max(LEAST_MAX_VALUES, bodyLimit / BYTES_PER_VALUE);
  if (!fastify.hasRequestDecorator('questlogBody')) fastify.decorateRequest('questlogBody', null);
  fastify.removeAllContentTypeParsers();
  fastify.addHook('preParsing', async (request) => {
    const bytes = announcedBytes(request, bodyLimit);
    if (bytes === 0) return;
    assertUncompressed(request.headers['content-encoding']);
    if (bytes > bodyLimit) throw tooLarge(bodyLimit);
    request.questlogBody = await holdBody(request, memory, bytes);
  });
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const scanner = new JsonScanner({ maxValues, maxItems });
    const length = Number(request.headers['content-length']);
    const unread = unreadBody(request.raw, payload);
    const [userId, held] = [holderOf(request), request.questlogBody];
    const pieces = memory.turns.begin(userId);
    const body = await readBody(unread, { length, limit: bodyLimit, pieces }, (begin) => scanner.scan(begin));
    const heap = estimateHeap(body.length, scanner.values);
    if (held !== null) await memory.parsed.take(userId, heap, held.done.signal);
    const json = await parseJson(body, { lists: scanner.lists, turns: memory.turns, userId });
    held?.releaseBytes();
    return json;
  });
  // Not when the connection closes: what a client has left behind is still being worked on.
  fastify.addHook('onSend', async ({ questlogBody }, { raw }) => {
    if (raw.destroyed) questlogBody?.done.abort();
    else raw.once('close', () => questlogBody?.done.abort());
  });
}

async function holdBody(request: FastifyRequest, memory: BodyMemory, bytes: number): Promise<HeldBody> {
  const done = new AbortController();
  return { done, releaseBytes: await memory.received.take(holderOf(request), bytes, done.signal) };
}

/** Gives back what a request holds for its body before its reply is out, which a run can take minutes to make. */
export function releaseBody(request: FastifyRequest): void {
  request.body = undefined;
  request.questlogBody?.done.abort();
}

/** A body that comes in chunks can be as long as the limit; that of a GET is not read. */
function announcedBytes({ method, headers }: FastifyRequest, bodyLimit: number): number {
  if (method === 'GET' || method === 'HEAD') return 0;
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : bodyLimit;
}

function holderOf(request: FastifyRequest): string {
  return request.questlogUser?.userId ?? request.ip;
}

function assertUncompressed(encoding = 'identity'): void {
  if (encoding.toLowerCase() === 'identity') return;
  throw new QuestlogError('unsupported_media_type', 'the body must not be compressed (Content-Encoding)');
}
