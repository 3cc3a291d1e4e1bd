import { PassThrough } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { invalidField } from '../errors.ts';
import type { Run } from '../run/run.ts';
import type { EventText } from '../store/run-events.ts';

const DEFAULT_HEARTBEAT_MS = 15_000;
/** Of every event's text: its type comes first. */
const TYPE = /^\{"type":"(\w+)"/;

/** What the routers that stream have in common. */
export interface StreamOptions {
  /** How often a stream says that it is alive, so that no proxy thinks the line dead. Default: 15 seconds. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Answers with a run's events after number `after` (WHATWG HTML, 9.2), and a comment now and then. A slow client slows only
 * itself; the run goes on when it leaves.
 */
export function sendEvents(
  reply: FastifyReply,
  run: Run,
  after: number,
  { heartbeatMs = DEFAULT_HEARTBEAT_MS }: StreamOptions,
): FastifyReply {
  const left = new AbortController();
  const body = new PassThrough({ highWaterMark: 64 * 1024 });
  const heartbeat = setInterval(() => {
    // Neither to a client that does not read, nor behind the end that a slow one has still to read.
    if (body.writable && !body.writableNeedDrain) body.write(': still here\n\n');
  }, heartbeatMs);
  body.once('close', () => {
    clearInterval(heartbeat);
    left.abort();
  });
  body.write(': questlog\n\n');
  run.deliver(finished(reply.raw));
  // Fails when the client leaves, which is no failure of anybody.
  pipeline(toText(run.events(after, left.signal)), body).catch(() => undefined);
  return reply
    .headers({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-run-id': run.runId,
      ...(run.chatId === null ? {} : { 'x-session-id': encodeURIComponent(run.chatId) }),
    })
    .send(body);
}

async function* toText(events: AsyncIterable<EventText>): AsyncGenerator<string> {
  for await (const { id, text } of events) {
    yield `id: ${id}\nevent: ${TYPE.exec(text)?.[1] ?? 'message'}\ndata: ${text}\n\n`;
  }
}

/** @throws QuestlogError `invalid_request` when the header is not the number of an event. */
export function readEventId(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalidField('Last-Event-ID', 'must be the number of an event');
}
