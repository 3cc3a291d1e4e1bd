import { type Queryable, query } from '../../driver/driver.ts';
import { assertWritten, type EncodedItems, toJsonArray } from '../items/item-json.ts';
import { TAKE_PLACE } from './run-events.ts';
import type { RunLease, RunStatus } from './runs.ts';

/** The transitions of a run, each one statement that changes nothing when the run is not in the state it starts from. */

export interface NewRun {
  readonly runId: string;
  readonly userId: string;
  readonly agent: string;
  readonly leaseMs: number;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string } | undefined;
}

export interface NewChatRun extends NewRun {
  readonly chatId: string;
  readonly input: EncodedItems;
  /** Taken by a chat that has no title yet. */
  readonly title: string | undefined;
}

/** A run that has begun: where its input stands, and the right to write. */
export interface BegunRun {
  readonly lease: RunLease;
  readonly first: number;
  /** The input, when the chat has never had anything else. */
  readonly only?: EncodedItems | undefined;
}

const INSERT_RUN = `insert into runs (user_id, run_id, chat_id, agent, status, epoch, journal_from, lease_until)`;
const INSERT_KEY = `insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id)`;
const leaseEnd = (parameter: string) => `clock_timestamp() + ${parameter} * interval '1 millisecond'`;

/**
 * Begins a run on a chat, made when it does not exist: its input is stored and the chat is busy, or nothing happened.
 *
 * @returns undefined when the chat is busy, soft-deleted, or somebody else's.
 */
export async function beginRun(db: Queryable, run: NewChatRun): Promise<BegunRun | undefined> {
  const rows = await query<{ first: number; epoch: number; count: number }>(db, {
    name: 'begin_run',
    text: `with chat as (
        insert into chats as c (chat_id, user_id, next_position, title, active_run, run_epoch)
        values ($1, $2, $3::bigint, $6, $5::text, 1)
        on conflict (chat_id) do update set next_position = c.next_position + $3::bigint,
          title = coalesce(c.title, excluded.title), active_run = excluded.active_run, run_epoch = c.run_epoch + 1
          where c.user_id = excluded.user_id and c.is_active and c.active_run is null
        returning chat_id, user_id, next_position - $3::bigint as first, run_epoch
      ), run as (
        ${INSERT_RUN}
        select user_id, $5::text, chat_id, $7::text, 'running', run_epoch, first + $3::bigint, ${leaseEnd('$8')} from chat
      ), key as (
        ${INSERT_KEY} select user_id, $9::text, $10::text, $5::text from chat where $9::text is not null
      ), inserted as (
        insert into chat_items (chat_id, position, user_id, item, run_id)
        select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value, $5::text
        from chat, json_array_elements($4::json) with ordinality as e(value, place) returning 1
      )
      select first::float8 as first, run_epoch::float8 as epoch, (select count(*) from inserted)::int as count from chat`,
    values: [
      run.chatId,
      run.userId,
      run.input.texts.length,
      toJsonArray(run.input),
      run.runId,
      run.title ?? null,
      run.agent,
      run.leaseMs,
      run.idempotency?.key ?? null,
      run.idempotency?.fingerprint ?? null,
    ],
  });
  const begun = rows[0];
  if (begun === undefined) return undefined;
  db.changes?.notify({ userId: run.userId });
  assertWritten(begun.count, run.input);
  const { runId, userId, chatId, input } = run;
  const { first, epoch } = begun;
  return { lease: { runId, userId, chatId, epoch }, first, only: first === 0 ? input : undefined };
}

/** Begins a run without memory. */
export async function beginRunWithoutChat(db: Queryable, run: NewRun): Promise<BegunRun> {
  await query(db, {
    text: `with run as (
        ${INSERT_RUN} values ($1, $2, null, $3, 'running', 1, null, ${leaseEnd('$4')}) returning user_id
      )
      ${INSERT_KEY} select user_id, $5::text, $6::text, $2::text from run where $5::text is not null`,
    values: [
      run.userId,
      run.runId,
      run.agent,
      run.leaseMs,
      run.idempotency?.key ?? null,
      run.idempotency?.fingerprint ?? null,
    ],
  });
  return { lease: { runId: run.runId, userId: run.userId, chatId: null, epoch: 1 }, first: 0 };
}

/** How a run, or a part of it that ends with a pause, ended. The JSON fields are texts. */
export interface RunEnd {
  /** The state that it must be in. Default: `running`. */
  readonly from?: 'running' | 'awaiting_approval';
  readonly status: Exclude<RunStatus, 'running'>;
  /** Items that go to the end of the chat. */
  readonly items: EncodedItems;
  /** The journal from this position on is replaced by `items`; undefined keeps it. */
  readonly replaceFrom?: number | undefined;
  /** The input that a guardrail refused: from here to the journal. */
  readonly blockFrom?: number | undefined;
  readonly usage?: string | undefined;
  readonly outcome?: string | undefined;
  readonly error?: string | undefined;
  readonly pending?: string | undefined;
  /** The last events, from number `firstEvent`. */
  readonly events: readonly string[];
  readonly firstEvent: number;
}

/** Where the journal begins if the run goes on: behind the items that took its place. */
const JOURNAL_FROM = `journal_from = case when $16::bigint = ${Number.MAX_SAFE_INTEGER} then journal_from
  else chat.first + $14::bigint end,`;
const NO_POSITION = Number.MAX_SAFE_INTEGER;

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
    text: `with run as (
        update runs set status = 'running', epoch = epoch + 1, pending = null, cancel_requested = false,
          lease_until = ${leaseEnd('$3')}
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

/**
 * Ends a run: its items, its last events and its state, all in one statement.
 *
 * @returns false when the run is no longer this process's; nothing has changed.
 */
export async function endRun(db: Queryable, run: RunLease, end: RunEnd): Promise<boolean> {
  const count = end.items.texts.length;
  const rows = await query<{ count: number }>(db, {
    name: run.chatId === null ? 'end_run_without_chat' : 'end_run',
    text: `with ${run.chatId === null ? '' : END_IN_CHAT} run as (
        update runs set status = $4::text, usage = $5::json, outcome = $6::json, error = $7::json, pending = $8::json,
          last_event = $10::bigint, ${run.chatId === null ? '' : JOURNAL_FROM} ended_at = case when $4::text <> 'awaiting_approval' then clock_timestamp() end
        ${run.chatId === null ? '' : 'from chat'}
        where runs.user_id = $1 and runs.run_id = $2::text and runs.epoch = $3 and runs.status = $12
        returning runs.user_id, runs.run_id
      ), events as (
        insert into run_events (user_id, run_id, first_event, last_event, events)
        select user_id, run_id, $9::bigint, $10::bigint, $11::json from run where $10::bigint >= $9::bigint
        ${TAKE_PLACE}
      )
      select ${run.chatId === null ? '0' : '(select count(*) from inserted)'}::int as count from run`,
    values: [
      run.userId,
      run.runId,
      run.epoch,
      end.status,
      end.usage ?? null,
      end.outcome ?? null,
      end.error ?? null,
      end.pending ?? null,
      end.firstEvent,
      end.firstEvent + end.events.length - 1,
      `[${end.events.join(',')}]`,
      end.from ?? 'running',
      ...(run.chatId === null
        ? []
        : [
            run.chatId,
            count,
            toJsonArray(end.items),
            end.replaceFrom ?? NO_POSITION,
            end.blockFrom ?? NO_POSITION,
          ]),
    ],
  });
  if (rows[0] === undefined) return false;
  if (run.chatId === null) return true;
  db.changes?.notify({ userId: run.userId });
  assertWritten(rows[0].count, end.items);
  return true;
}

/** The journal is only ever written by this run, so no other statement can add to it while this one runs. */
const END_IN_CHAT = `chat as (
    update chats set next_position = next_position + $14::bigint,
      active_run = case when $4::text = 'awaiting_approval' then active_run end
    where chat_id = $13 and user_id = $1 and active_run = $2::text and run_epoch = $3
    returning chat_id, user_id, next_position - $14::bigint as first
  ), gone as (
    delete from chat_items i using chat
    where i.chat_id = chat.chat_id and i.user_id = $1 and i.run_id = $2::text and i.position >= $16::bigint
  ), blocked as (
    update chat_items i set is_blocked = true from chat
    where i.chat_id = chat.chat_id and i.user_id = $1 and i.run_id = $2::text and i.position >= $17::bigint and i.position < $16::bigint
  ), inserted as (
    insert into chat_items (chat_id, position, user_id, item, run_id)
    select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value, $2::text
    from chat, json_array_elements($15::json) with ordinality as e(value, place) returning 1
  ),`;
