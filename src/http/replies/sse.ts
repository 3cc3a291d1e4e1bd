import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { invalidField } from '../../errors.ts';
import type { Run } from '../../run/types.ts';
import type { EventText } from '../../store/runs/run-events.ts';

const DEFAULT_HEARTBEAT_MS = 15_000;
/** Of every event's text: its type comes first. */
const TYPE = /^\{"type":"(\w+)"/;

/** What the routers that stream have in common. */
export interface StreamOptions {
  /** How often a heartbeat keeps a proxy from closing the stream. Default: 15 seconds. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Answers with a run's events after number `after` (WHATWG HTML, 9.2), and heartbeats. A slow client slows only itself;
 * the run goes on when it leaves.
 */
export function sendEvents(
  reply: FastifyReply,
  run: Run,
  after: number,
  { heartbeatMs = DEFAULT_HEARTBEAT_MS }: StreamOptions,
): FastifyReply {
  const disconnect = new AbortController();
  const body = new EventStreamBody();
  const heartbeat = setInterval(() => body.pushHeartbeat(), heartbeatMs);
  body.once('close', () => {
    clearInterval(heartbeat);
    disconnect.abort();
  });
  run.deliver(finished(reply.raw));
  void body.pipeFrom(run.events(after, disconnect.signal));
  return reply
    .headers({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'x-run-id': run.runId,
      ...(run.chatId === null ? {} : { 'x-session-id': encodeURIComponent(run.chatId) }),
    })
    .send(body);
}

/** The body of an event stream, with backpressure: it takes the next event when the client has read. */
class EventStreamBody extends Readable {
  #resume: () => void = () => undefined;
  #hasRoom = true;

  constructor() {
    super({ highWaterMark: 64 * 1024 });
    this.push(': questlog\n\n');
  }

  override _read(): void {
    this.#hasRoom = true;
    this.#resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#resume();
    callback(error);
  }

  /** Not to a client that does not read, and not behind the end of the stream. */
  pushHeartbeat(): void {
    if (this.#hasRoom) this.#hasRoom = this.push(': still here\n\n');
  }

  /** Never rejects: what fails ends the reply, and the client asks again. */
  async pipeFrom(events: AsyncIterable<EventText>): Promise<void> {
    try {
      for await (const event of events) {
        this.#hasRoom = this.push(toText(event));
        while (!this.#hasRoom && !this.destroyed) await this.#drained();
      }
      this.#hasRoom = false;
      this.push(null);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
    });
  }
}

function toText({ id, text }: EventText): string {
  return `id: ${id}\nevent: ${TYPE.exec(text)?.[1] ?? 'message'}\ndata: ${text}\n\n`;
}

/** @throws QuestlogError `invalid_request` when the header is not the number of an event. */
export function readEventId(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalidField('Last-Event-ID', 'must be the number of an event');
}
