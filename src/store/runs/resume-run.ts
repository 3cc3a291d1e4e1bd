import { type Queryable, query } from '../../driver/driver.ts';
import type { RunLease } from './runs.ts';

/** A run that goes on after a pause. */
export interface ResumedRun {
  readonly lease: RunLease;
  /** What it stored from here on is replaced at its end. */
  readonly journalFrom: number;
  /** Where it writes next. */
  readonly goesOnAt: number;
  readonly lastEvent: number;
}

/**
 * Lets a run that waits for approvals go on, here: a decision is taken once.
 *
 * @returns undefined when it does not wait any more.
 */
export async function resumeRun(
  db: Queryable,
  userId: string,
  runId: string,
  leaseMs: number,
): Promise<ResumedRun | undefined> {
  const rows = await query<RunLease & Omit<ResumedRun, 'lease'>>(db, {
    userId,
    text: `with run as (
        update runs set status = 'running', epoch = epoch + 1, pending = null, cancel_requested = false,
          lease_until = statement_timestamp() + $3 * interval '1 millisecond'
        where user_id = $1 and run_id = $2 and status = 'awaiting_approval'
        returning user_id, run_id, chat_id, epoch, journal_from, last_event
      ), chat as (
        update chats set run_epoch = run.epoch from run
        where chats.chat_id = run.chat_id and chats.user_id = $1 and chats.active_run = $2
        returning chats.next_position
      )
      select user_id as "userId", run_id as "runId", chat_id as "chatId", epoch::float8 as epoch,
        coalesce(journal_from, 0)::float8 as "journalFrom", last_event::float8 as "lastEvent",
        coalesce((select next_position from chat), 0)::float8 as "goesOnAt" from run`,
    values: [userId, runId, leaseMs],
  });
  const row = rows[0];
  if (row === undefined) return undefined;
  db.changes?.notify({ userId });
  const { journalFrom, goesOnAt, lastEvent, ...lease } = row;
  return { lease, journalFrom, goesOnAt, lastEvent };
}
