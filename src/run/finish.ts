import type { Database, Queryable } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { endRun, type RunEnd } from '../store/run-changes.ts';
import { getRun, type RunLease } from '../store/runs.ts';
import type { RunEvent } from '../wire/events.ts';
import type { EventLog } from './event-log.ts';
import type { EventWriter } from './event-writer.ts';
import { whileUnavailable } from './retry.ts';

export interface FinishParts {
  readonly db: Database;
  readonly lease: RunLease;
  readonly log: EventLog;
  readonly writer: EventWriter;
}

/**
 * Stores the end of a run, or of its part before a pause, and says it to its readers.
 *
 * @param also what has to be stored together with it.
 * @throws QuestlogError `run_interrupted` when the run is no longer this process's: whoever took it has said its end.
 */
export async function finish(
  { db, lease, log, writer }: FinishParts,
  event: RunEvent,
  end: Omit<RunEnd, 'events' | 'firstEvent'>,
  also: (tx: Queryable) => Promise<void> = async () => undefined,
): Promise<void> {
  await writer.remove(log);
  const { first, texts } = log.unstored();
  const stored = { ...end, events: [...texts, JSON.stringify(event)], firstEvent: first };
  try {
    const done = await whileUnavailable(async (again) => {
      if (again && (await getRun(db, lease.userId, lease.runId))?.status === end.status) return true;
      if (end.status !== 'awaiting_approval') return endRun(db, lease, stored);
      return db.transaction(async (tx) => {
        const ended = await endRun(tx, lease, stored);
        if (ended) await also(tx);
        return ended;
      });
    });
    if (!done) throw new QuestlogError('run_interrupted', 'another process took over this run');
    log.append(event);
    log.markStored(texts.length + 1);
    log.end();
  } catch (error) {
    log.end(true);
    throw error;
  }
}
