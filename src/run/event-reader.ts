import { setTimeout as sleep } from 'node:timers/promises';
import type { Queryable } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { type EventText, getRunEvents } from '../store/run-events.ts';
import type { EventLog } from './event-log.ts';

/** How often the database is asked about a run of another process. */
const POLL_MS = 200;

export interface EventSource {
  readonly db: Queryable;
  readonly userId: string;
  readonly runId: string;
  /** The log of the run while this process executes it. */
  readonly log: EventLog | undefined;
}

/**
 * The events of a run after number `after`, those to come included: from memory where the run is, from the database
 * for everyone else and for later. Ends with the run, or when the run pauses for approvals.
 *
 * @throws QuestlogError `run_not_found`.
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
    const { events, over } =
      here && log ? { events: here, over: log.ended } : await fromDatabase(source, last);
    yield* events;
    last = events.at(-1)?.id ?? last;
    if (events.length > 0) continue;
    if (over) return;
    const wait = here && log ? log.changed(signal) : sleep(POLL_MS, undefined, { signal });
    await wait.catch(() => undefined);
  }
}

async function fromDatabase(
  { db, userId, runId }: EventSource,
  after: number,
): Promise<{ readonly events: EventText[]; readonly over: boolean }> {
  const found = await getRunEvents(db, userId, runId, after);
  if (found === undefined) throw new QuestlogError('run_not_found', 'there is no such run');
  return { events: found.events, over: found.status !== 'running' };
}
