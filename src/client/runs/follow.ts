import type { RunEvent } from '../../wire/events.ts';
import type { RunResponse } from '../../wire/runs.ts';
import { type Connection, lost } from '../connection.ts';
import { backOff, isPassing } from '../retry.ts';
import { readServerEvents } from './server-events.ts';

/** An event of a run with its number within the run, from 1. */
export interface NumberedEvent {
  /** From 1, and only growing. */
  readonly id: number;
  /** What happened. */
  readonly event: RunEvent;
}

/** From where a run is followed, and until when. */
export interface FollowOptions {
  /** Only events after this number. Default: all. */
  readonly after?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the connection is there or is being made again. */
  readonly onConnection?: ((state: 'connected' | 'reconnecting') => void) | undefined;
}

/** The server sends a comment every 15 s. */
const IDLE_TIMEOUT_MS = 40_000;

/**
 * The events of a run until it ends or pauses, each once and in order, however often the connection breaks.
 *
 * @param first the reply of the request that began the run: its events are read before any connection is made.
 * @throws ApiError when the run cannot be had, or the reason of `signal`.
 */
export async function* followRun(
  connection: Connection,
  runId: string,
  { after = 0, signal, onConnection }: FollowOptions,
  first?: Response,
): AsyncGenerator<NumberedEvent> {
  let last: NumberedEvent | undefined;
  let response = first;
  for (let tries = 0; ; tries++) {
    const before = last;
    try {
      response ??= await openEvents(connection, runId, last?.id ?? after, signal);
      onConnection?.('connected');
      for await (const next of readEvents(response, signal)) {
        if (next.id <= (last?.id ?? after)) continue;
        last = next;
        tries = 0;
        yield next;
      }
      if (last !== undefined && endsStream(last.event)) return;
      // What is kept of a run's events is limited: an old one may have none left.
      if (last === before && !(await isRunning(connection, runId, signal))) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (last !== undefined && endsRun(last.event)) return;
      if (!isPassing(error)) throw error;
    }
    response = undefined;
    onConnection?.('reconnecting');
    await backOff(tries, signal);
  }
}

function openEvents(
  connection: Connection,
  runId: string,
  after: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return connection.send({
    method: 'GET',
    path: `/runs/${encodeURIComponent(runId)}/events`,
    headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
    signal,
  });
}

async function* readEvents(
  { body }: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<NumberedEvent> {
  if (body === null) return;
  const events = readServerEvents(body, IDLE_TIMEOUT_MS);
  try {
    for (;;) {
      const next = await events.next().catch((error: unknown) => {
        throw lost(error);
      });
      signal?.throwIfAborted();
      if (next.done) return;
      yield { id: Number(next.value.id), event: JSON.parse(next.value.data) as RunEvent };
    }
  } finally {
    await events.return(undefined);
  }
}

async function isRunning(
  connection: Connection,
  runId: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const path = `/runs/${encodeURIComponent(runId)}`;
  return (await connection.json<RunResponse>({ method: 'GET', path, signal })).status === 'running';
}

function endsRun({ type }: RunEvent): boolean {
  return type === 'stream_complete' || type === 'error';
}

/** A paused run goes on under the same numbers, so in a replay its pause is not the end. */
function endsStream(event: RunEvent): boolean {
  return endsRun(event) || event.type === 'approval_required';
}
