import { Readable } from 'node:stream';
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
  return reply
    .headers({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...headers,
    })
    .send(Readable.from(toLines(events), { objectMode: false, highWaterMark: 64 * 1024 }));
}

async function* toLines(events: AsyncIterable<ServerSentEvent>): AsyncGenerator<Buffer> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    yield Buffer.from(': questlog\n\n');
    let next = iterator.next();
    for (;;) {
      const result = await orHeartbeat(next);
      if (result === 'heartbeat') {
        yield Buffer.from(': still here\n\n');
        continue;
      }
      if (result.done) return;
      const { id, event, data } = result.value;
      yield Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

async function orHeartbeat<Result>(work: Promise<Result>): Promise<Result | 'heartbeat'> {
  let timer: NodeJS.Timeout | undefined;
  const heartbeat = new Promise<'heartbeat'>((resolve) => {
    timer = setTimeout(resolve, HEARTBEAT_MS, 'heartbeat');
  });
  try {
    return await Promise.race([work, heartbeat]);
  } finally {
    clearTimeout(timer);
  }
}
