import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { type EventText, getRunEvents } from '../store/run-events.ts';
import { getRun } from '../store/runs.ts';
import type { ErrorEvent } from '../wire/events.ts';
import { toProblem } from '../wire/problem.ts';
import type { EventLog } from './event-log.ts';

/** How often the database is asked about a run of another process. */
const POLL_MS = 200;

export interface EventSource {
  readonly db: Queryable;
  readonly userId: string;
  readonly runId: string;
  readonly chatId: string | null;
  /** The log of the run while this process executes it. */
  readonly log: EventLog | undefined;
}

/**
 * The events of a run after number `after`, those to come included: from memory where the run is, from the database
 * for everyone else and for later. Ends with the run, when the run pauses for approvals, and with an error event when
 * the run is removed together with its chat.
 */
export async function* readEvents(
  source: EventSource,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<EventText> {
  const { log } = source;
  let last = after;
  while (!signal.aborted) {
    const here = log?.after(last);
    const found = here && log ? { events: here, over: log.ended } : await fromDatabase(source, last);
    if (found === undefined) {
      yield { id: last + 1, text: JSON.stringify(removed(source)) };
      return;
    }
    yield* found.events;
    last = found.events.at(-1)?.id ?? last;
    if (found.events.length > 0) continue;
    if (found.over) return;
    const wait = here && log ? log.changed(signal) : sleep(POLL_MS, undefined, { signal });
    await wait.catch(() => undefined);
  }
}

/** @throws QuestlogError `events_expired` when a run is over and its events after a number are not kept any more. */
export async function checkKept(db: Queryable, userId: string, runId: string, after: number): Promise<void> {
  const run = await getRun(db, userId, runId);
  if (run === undefined || run.status === 'running' || after >= run.lastEvent) return;
  const found = await getRunEvents(db, userId, runId, after);
  if (found?.events.length) return;
  const details = { run_id: runId };
  throw new QuestlogError('events_expired', 'the events of this run are not kept any more', { details });
}

async function fromDatabase(
  { db, userId, runId }: EventSource,
  after: number,
): Promise<{ readonly events: EventText[]; readonly over: boolean } | undefined> {
  const found = await getRunEvents(db, userId, runId, after);
  return found && { events: found.events, over: found.status !== 'running' };
}

function removed({ runId, chatId }: EventSource): ErrorEvent {
  const error = new QuestlogError('chat_not_found', 'the chat was removed during the run');
  return { type: 'error', ...toProblem(error), run_id: runId, session_id: chatId };
}
