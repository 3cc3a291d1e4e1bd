import { PassThrough } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import type { Run } from '../run/run.ts';
import type { EventText } from '../store/run-events.ts';

const HEARTBEAT_MS = 15_000;
/** Of every event's text: its type comes first. */
const TYPE = /^\{"type":"(\w+)"/;

/**
 * Answers with a run's events after number `after` (WHATWG HTML, 9.2), and a comment now and then so that no proxy
 * thinks the line dead. A slow client slows only itself; the run goes on when it leaves.
 */
export function sendEvents(reply: FastifyReply, run: Run, after: number): FastifyReply {
  const left = new AbortController();
  const body = new PassThrough({ highWaterMark: 64 * 1024 });
  const heartbeat = setInterval(() => body.write(': still here\n\n'), HEARTBEAT_MS);
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
