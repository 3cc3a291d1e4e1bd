import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../../driver/driver.ts';
import { invalidField, QuestlogError } from '../../errors.ts';
import { type EventText, getRunEvents, hasRunEvents } from '../../store/runs/run-events.ts';
import type { RunRow } from '../../store/runs/runs.ts';
import type { ErrorEvent } from '../../wire/events.ts';
import { toProblem } from '../../wire/problem.ts';
import { chatRemoved } from '../outcome/failure.ts';
import type { EventLog } from './event-log.ts';

/** How often the database is asked about a run of another process. */
export const POLL_MS = 200;

export interface EventSource {
  readonly db: Queryable;
  readonly userId: string;
  readonly runId: string;
  readonly chatId: string | null;
  /** The log of the run while this process executes it. */
  readonly log: EventLog | undefined;
}

/** How long somebody reads. */
export interface Reading {
  readonly signal: AbortSignal;
  /** Says that it is over. */
  readonly end: () => void;
}

/**
 * The events of a run after number `after`, those to come included: from memory where the run is, from the database
 * for everyone else and for later. Ends with the run, when the run pauses for approvals, and with an error event when
 * the run is removed together with its chat.
 *
 * @param begin is called when the first event is asked for.
 */
export async function* readEvents(
  source: EventSource,
  after: number,
  begin: () => Reading,
): AsyncGenerator<EventText> {
  const { log } = source;
  const { signal, end } = begin();
  // Once for each reader: to listen for the end of every wait would take longer than the rest.
  const leave = () => log?.wake();
  signal.addEventListener('abort', leave);
  try {
    let last = after;
    while (!signal.aborted) {
      const here = log?.after(last);
      const found = here && log ? { events: here, over: log.ended } : await fromDatabase(source, last);
      if (found === undefined) {
        yield { id: last + 1, text: JSON.stringify(removed(source)) };
        return;
      }
      for (const event of found.events) yield event;
      last = found.events.at(-1)?.id ?? last;
      if (found.events.length > 0) continue;
      if (found.over) return;
      if (here && log) await log.changed();
      else await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    signal.removeEventListener('abort', leave);
    end();
  }
}

/**
 * Makes sure that a run can be told from after an event on.
 *
 * @param log of the run while this process executes it.
 * @throws QuestlogError `invalid_request` for a number that no event has had; `events_expired` when the run is over and
 * what came after that event is not kept any more.
 */
export async function assertReadable(
  db: Queryable,
  run: RunRow,
  log: EventLog | undefined,
  after: number,
): Promise<void> {
  if (log === undefined && run.status === 'running') return;
  const last = log?.last ?? run.lastEvent;
  if (after > last) throw invalidField('Last-Event-ID', 'is of no event of this run');
  if (log !== undefined || after === last || (await hasRunEvents(db, run.userId, run.runId, after))) return;
  const details = { run_id: run.runId };
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
  return { type: 'error', ...toProblem(chatRemoved()), run_id: runId, session_id: chatId };
}
