import { type Queryable, query } from '../../driver/driver.ts';
import { assertId } from '../../ids.ts';

export const RUN_STATUSES = [
  'running',
  'awaiting_approval',
  'completed',
  'failed',
  'cancelled',
  'interrupted',
] as const;

/** What has become of a run; `interrupted`: its process died or was stopped. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A row of `runs`. The JSON columns are the text that was stored. */
export interface RunRow {
  readonly runId: string;
  readonly userId: string;
  /** Null in a run without memory. */
  readonly chatId: string | null;
  readonly agent: string;
  readonly status: RunStatus;
  readonly epoch: number;
  /** Whether its process is gone: it has not renewed its lease in time. */
  readonly leaseExpired: boolean;
  readonly journalFrom: number | null;
  readonly lastEvent: number;
  readonly usage: string | null;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly pending: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** What a process needs to write as the run: others have the id, only the owner has the epoch. */
export interface RunLease {
  readonly runId: string;
  readonly userId: string;
  readonly chatId: string | null;
  readonly epoch: number;
}

const RUN_COLUMNS = `run_id as "runId", user_id as "userId", chat_id as "chatId", agent, status,
  epoch::float8 as epoch, lease_until < statement_timestamp() as "leaseExpired",
  journal_from::float8 as "journalFrom", last_event::float8 as "lastEvent", usage::text as usage,
  outcome::text as outcome, error::text as error, pending::text as pending,
  started_at as "startedAt", ended_at as "endedAt"`;

/** The run, if this user has it. */
export async function getRun(db: Queryable, userId: string, runId: string): Promise<RunRow | undefined> {
  assertId('run_id', runId);
  const rows = await query<RunRow>(db, {
    userId,
    name: 'get_run',
    text: `select ${RUN_COLUMNS} from runs where user_id = $1 and run_id = $2`,
    values: [userId, runId],
  });
  return rows[0];
}

/** As `getRun`, and locks its row until this transaction ends. Lock its chat first. */
export async function lockRun(tx: Queryable, userId: string, runId: string): Promise<RunRow | undefined> {
  const rows = await query<RunRow>(tx, {
    userId,
    text: `select ${RUN_COLUMNS} from runs where user_id = $1 and run_id = $2 for update`,
    values: [userId, runId],
  });
  return rows[0];
}

/** Which runs of a user are listed. */
export interface RunFilter {
  /** Only those on this chat. */
  readonly chatId?: string | undefined;
  /** Only those in this state, such as `awaiting_approval`. */
  readonly status?: RunStatus | undefined;
  /** Only those that began before this run. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Runs of a user, newest first. */
export async function listRuns(
  db: Queryable,
  userId: string,
  { chatId, status, before, limit }: RunFilter,
): Promise<RunRow[]> {
  return query<RunRow>(db, {
    userId,
    text: `select ${RUN_COLUMNS} from runs
      where user_id = $1 and ($2::text is null or chat_id = $2) and ($3::text is null or status = $3)
        and ($4::text is null or (started_at, run_id) <
          (select started_at, run_id from runs where user_id = $1 and run_id = $4))
      order by started_at desc, run_id desc limit $5`,
    values: [userId, chatId ?? null, status ?? null, before ?? null, limit],
  });
}

/** What all runs of a chat used together, in the model's tokens. */
export interface ChatUsage {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

export async function getUsageOfChat(db: Queryable, userId: string, chatId: string): Promise<ChatUsage> {
  const sum = (name: string) => `coalesce(sum((usage->>'${name}')::float8), 0)`;
  const rows = await query<ChatUsage>(db, {
    userId,
    text: `select ${sum('requests')} as requests, ${sum('input_tokens')} as "inputTokens",
        ${sum('output_tokens')} as "outputTokens", ${sum('total_tokens')} as "totalTokens"
      from runs where user_id = $1 and chat_id = $2`,
    values: [userId, chatId],
  });
  return rows[0] as ChatUsage;
}

/** The run that a chat is busy with, unless the chat is soft-deleted. */
export async function getActiveRun(
  db: Queryable,
  userId: string,
  chatId: string,
): Promise<RunRow | undefined> {
  const rows = await query<RunRow>(db, {
    userId,
    text: `select ${RUN_COLUMNS} from runs
      where user_id = $1 and run_id = (
        select active_run from chats where chat_id = $2 and user_id = $1 and is_active)`,
    values: [userId, chatId],
  });
  return rows[0];
}

/** A renewed lease, and whether its run is to be cancelled. */
export interface RenewedLease {
  readonly runId: string;
  readonly cancelRequested: boolean;
}

// Both: $2 run ids, $3 their epochs, $4 how long a lease is, in milliseconds; $1 their users, or the one.

const RENEW_LEASES = `
  update runs set lease_until = statement_timestamp() + $4 * interval '1 millisecond'
  from unnest($1::text[], $2::text[], $3::bigint[]) as mine(user_id, run_id, epoch)
  where runs.user_id = mine.user_id and runs.run_id = mine.run_id and runs.epoch = mine.epoch
    and runs.status = 'running'
  returning runs.run_id as "runId", runs.cancel_requested as "cancelRequested"`;

/** On a cluster: it asks the node of the user alone. */
const RENEW_LEASES_OF_USER = `
  update runs set lease_until = statement_timestamp() + $4 * interval '1 millisecond'
  from unnest($2::text[], $3::bigint[]) as mine(run_id, epoch)
  where runs.user_id = $1 and runs.run_id = mine.run_id and runs.epoch = mine.epoch and runs.status = 'running'
  returning runs.run_id as "runId", runs.cancel_requested as "cancelRequested"`;

/**
 * Renews the leases of a process's runs, all at once; where the tables are distributed, those of one user. A run that is not
 * returned is no longer this process's.
 */
export async function renewLeases(
  db: Queryable,
  leases: readonly RunLease[],
  leaseMs: number,
): Promise<RenewedLease[]> {
  const users = leases.map(({ userId }) => userId);
  const runs = [leases.map(({ runId }) => runId), leases.map(({ epoch }) => epoch), leaseMs];
  return db.isDistributed
    ? query(db, {
        userId: null,
        name: 'renew_leases_of_user',
        text: RENEW_LEASES_OF_USER,
        values: [users[0], ...runs],
      })
    : query(db, { userId: null, name: 'renew_leases', text: RENEW_LEASES, values: [users, ...runs] });
}

/** Asks the run's process to stop it. False when it does not run. */
export async function requestCancel(db: Queryable, userId: string, runId: string): Promise<boolean> {
  const rows = await query(db, {
    userId,
    text: `update runs set cancel_requested = true
      where user_id = $1 and run_id = $2 and status = 'running' returning run_id`,
    values: [userId, runId],
  });
  return rows.length === 1;
}

/** Runs whose process is gone. `all`: every run counts, since no other process can have this database open. */
export async function getAbandonedRuns(
  db: Queryable,
  all: boolean,
): Promise<Pick<RunRow, 'runId' | 'userId'>[]> {
  return query(db, {
    userId: null,
    text: `select run_id as "runId", user_id as "userId" from runs
      where status = 'running' and (lease_until < statement_timestamp() or $1) order by lease_until limit 1000`,
    values: [all],
  });
}

/** Removes ended runs' events and old keys. */
export async function deleteExpired(db: Queryable, eventsMs: number, keysMs: number): Promise<void> {
  await query(db, {
    userId: null,
    text: `delete from run_events e using runs r where r.user_id = e.user_id and r.run_id = e.run_id
      and r.ended_at < statement_timestamp() - $1 * interval '1 millisecond'`,
    values: [eventsMs],
  });
  await query(db, {
    userId: null,
    text: `delete from idempotency_keys where created_at < statement_timestamp() - $1 * interval '1 millisecond'`,
    values: [keysMs],
  });
}
