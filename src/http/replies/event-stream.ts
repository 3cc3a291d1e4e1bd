import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { begin, EVENT_STREAMS } from '../../channels.ts';
import { invalidField } from '../../errors.ts';
import type { Run } from '../../run/types.ts';
import type { EventText } from '../../store/runs/run-events.ts';
import { toWebStream } from './web-stream.ts';

const DEFAULT_HEARTBEAT_MS = 15_000;
/** Of every event's text: its type comes first. */
const TYPE = /^\{"type":"(\w+)"/;

/** What the routers that stream have in common. */
export interface StreamOptions {
  /** How often a heartbeat keeps a proxy from closing the stream. Default: 15 seconds. */
  readonly heartbeatMs?: number | undefined;
}

/** How a run becomes an event stream. */
export interface EventStreamOptions extends StreamOptions {
  /** The number of the newest event that the client has. Default: 0, for all of them. */
  readonly after?: number | undefined;
}

/**
 * Answers with a run's events after number `after` (WHATWG HTML, 9.2), and heartbeats. A slow client slows only itself;
 * the run goes on when it leaves.
 */
export function sendEvents(
  reply: FastifyReply,
  run: Run,
  after: number,
  { heartbeatMs }: StreamOptions,
): FastifyReply {
  run.deliver(finished(reply.raw));
  const { questlogActivity: request } = reply.request;
  if (request) request.message.isEventStream = true;
  return reply.headers(eventStreamHeaders(run)).send(openEventStream(run, { after, heartbeatMs }));
}

/**
 * The events of a run as server-sent events, in the web's own type: the body of a `Response`. Nothing is read that its
 * reader does not ask for; cancel it when the client leaves, and the run goes on.
 *
 * @example
 * const after = readLastEventId(request.headers.get('last-event-id'));
 * const run = await runs.follow(userId, runId, after);
 * return new Response(toEventStream(run, { after }), { headers: eventStreamHeaders(run) });
 */
export function toEventStream(run: Run, options: EventStreamOptions = {}): ReadableStream<Uint8Array> {
  const body = openEventStream(run, options);
  run.deliver(finished(body));
  return toWebStream(body);
}

/** The headers of a reply whose body is the event stream of a run: its type, and which run and chat it is about. */
export function eventStreamHeaders({ runId, chatId }: Run): Record<string, string> {
  return {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
    'x-run-id': runId,
    ...(chatId === null ? {} : { 'x-session-id': encodeURIComponent(chatId) }),
  };
}

function openEventStream(
  run: Run,
  { after = 0, heartbeatMs = DEFAULT_HEARTBEAT_MS }: EventStreamOptions,
): Readable {
  const disconnect = new AbortController();
  const activity = begin(EVENT_STREAMS, () => ({}));
  const body = new EventStreamBody();
  const heartbeat = setInterval(() => body.pushHeartbeat(), heartbeatMs);
  body.once('close', () => {
    clearInterval(heartbeat);
    activity?.end();
    disconnect.abort();
  });
  void body.pipeFrom(run.eventTexts(after, disconnect.signal));
  return body;
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

/**
 * The number of the newest event that a client has, of its `Last-Event-ID`; 0 when it says none.
 *
 * @throws QuestlogError `invalid_request` when the header is not the number of an event.
 */
export function readLastEventId(header: string | string[] | null | undefined): number {
  if (header === undefined || header === null || header === '') return 0;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw invalidField('Last-Event-ID', 'must be the number of an event');
}
