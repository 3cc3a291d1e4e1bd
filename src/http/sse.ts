import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';

/** One server-sent event (WHATWG HTML, 9.2). */
export interface ServerSentEvent {
  readonly id: number;
  readonly event: string;
  /** Sent as one line of JSON. */
  readonly data: unknown;
}

const HEARTBEAT_MS = 15_000;

/** Answers with the events as they come, and a comment now and then so that no proxy thinks the line dead. */
export function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerSentEvent>,
  headers: Record<string, string>,
): FastifyReply {
  const body = new PassThrough({ highWaterMark: 64 * 1024 });
  const heartbeat = setInterval(() => body.write(': still here\n\n'), HEARTBEAT_MS);
  body.once('close', () => clearInterval(heartbeat));
  body.write(': questlog\n\n');
  // Fails when the client leaves, which is no failure of anybody.
  pipeline(toText(events), body).catch(() => undefined);
  return reply
    .headers({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...headers,
    })
    .send(body);
}

async function* toText(events: AsyncIterable<ServerSentEvent>): AsyncGenerator<string> {
  for await (const { id, event, data } of events) {
    yield `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}
