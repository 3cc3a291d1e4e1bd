import { type Queryable, query } from '../../driver/driver.ts';
import { sqlstateOf, UNIQUE_VIOLATION } from '../../driver/sqlstate.ts';
import { type Callable, storeItems, textFor } from '../callable.ts';
import { assertWritten, type EncodedItems, toJsonTexts } from '../items/encoded-items.ts';
import type { RunLease } from './runs.ts';

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

/** A run that has begun: the position of its input, and the right to write. */
export interface BegunRun {
  readonly lease: RunLease;
  readonly inputPosition: number;
  /** The input as it is stored; a run without chat stores none, and one that goes on has none. */
  readonly input?: EncodedItems | undefined;
}

/**
 * $1 chat_id, $2 user_id, $3 count of items, $4 items, $5 run_id, $6 title, $7 agent, $8 lease in ms,
 * $9 idempotency key, $10 its fingerprint.
 */
export const BEGIN_RUN: Callable = {
  name: 'begin_run',
  takes: ['text', 'text', 'bigint', 'json', 'text', 'text', 'text', 'float8', 'text', 'text'],
  user: 2,
  gives: 'begin_at float8, in_epoch float8, written int',
  text: `
  with chat as (
    insert into chats as c (chat_id, user_id, next_position, title, titled_by, active_run, run_epoch)
    values ($1, $2, $3::bigint, $6::text, case when $6::text is not null then $5::text end, $5::text, 1)
    on conflict on constraint chats_pkey do update set next_position = c.next_position + $3::bigint,
      title = coalesce(c.title, excluded.title),
      titled_by = case when c.title is null then excluded.titled_by else c.titled_by end,
      active_run = excluded.active_run, run_epoch = c.run_epoch + 1
      where c.user_id = excluded.user_id and c.is_active and c.active_run is null
    returning chat_id, user_id, next_position - $3::bigint as first, run_epoch
  ), run as (
    insert into runs (user_id, run_id, chat_id, agent, status, epoch, journal_from, lease_until)
    select user_id, $5::text, chat_id, $7::text, 'running', run_epoch, first + $3::bigint,
      statement_timestamp() + $8 * interval '1 millisecond'
    from chat
  ), key as (
    insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id)
    select user_id, $9::text, $10::text, $5::text from chat where $9::text is not null
  ), inserted as (
    insert into chat_items (chat_id, position, user_id, item, run_id)
    select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json, $5::text
    from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
    returning 1
  )
  select first::float8 as begin_at, run_epoch::float8 as in_epoch, (select count(*) from inserted)::int as written
  from chat`,
  body: `
    declare
      entry record;
    begin
      insert into chats as c (chat_id, user_id, next_position, title, titled_by, active_run, run_epoch)
      values ($1, $2, $3, $6, case when $6 is not null then $5 end, $5, 1)
      on conflict on constraint chats_pkey do update set next_position = c.next_position + $3,
        title = coalesce(c.title, excluded.title),
        titled_by = case when c.title is null then excluded.titled_by else c.titled_by end,
        active_run = excluded.active_run, run_epoch = c.run_epoch + 1
        where c.is_active and c.active_run is null
      returning next_position - $3, run_epoch into begin_at, in_epoch;
      if not found then return; end if;
      insert into runs (user_id, run_id, chat_id, agent, status, epoch, journal_from, lease_until)
      values ($2, $5, $1, $7, 'running', in_epoch, begin_at + $3,
        statement_timestamp() + $8 * interval '1 millisecond');
      if $9 is not null then
        insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id) values ($2, $9, $10, $5);
      end if;
      written := 0;
      ${storeItems({ chat: '$1', user: '$2', run: '$5', items: '$4', from: 'begin_at' }, 'written := written + 1')}
      return next;
    end`,
};

/** $1 user_id, $2 run_id, $3 agent, $4 lease in ms, $5 idempotency key, $6 its fingerprint. */
export const BEGIN_RUN_WITHOUT_CHAT: Callable = {
  name: 'begin_run_without_chat',
  takes: ['text', 'text', 'text', 'float8', 'text', 'text'],
  user: 1,
  gives: 'begun boolean',
  text: `
  with run as (
    insert into runs (user_id, run_id, chat_id, agent, status, epoch, journal_from, lease_until)
    values ($1, $2, null, $3, 'running', 1, null, statement_timestamp() + $4 * interval '1 millisecond')
    returning user_id
  )
  insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id)
  select user_id, $5::text, $6::text, $2::text from run where $5::text is not null`,
  body: `
    begin
      insert into runs (user_id, run_id, chat_id, agent, status, epoch, journal_from, lease_until)
      values ($1, $2, null, $3, 'running', 1, null, statement_timestamp() + $4 * interval '1 millisecond');
      if $5 is not null then
        insert into idempotency_keys (user_id, idempotency_key, fingerprint, run_id) values ($1, $5, $6, $2);
      end if;
      return next;
    end`,
};

/**
 * Begins a run on a chat, made when it does not exist: its input is stored and the chat is busy, or nothing happened.
 *
 * @returns undefined when the chat is busy, soft-deleted, or another user's.
 */
export async function beginRun(db: Queryable, run: NewChatRun): Promise<BegunRun | undefined> {
  const { chatId, userId, runId, input, idempotency } = run;
  const rows = await query<{ begin_at: number; in_epoch: number; written: number }>(db, {
    userId,
    name: BEGIN_RUN.name,
    text: textFor(db, BEGIN_RUN),
    values: [
      chatId,
      userId,
      input.texts.length,
      toJsonTexts(input),
      runId,
      run.title ?? null,
      run.agent,
      run.leaseMs,
      idempotency?.key ?? null,
      idempotency?.fingerprint ?? null,
    ],
  }).catch(nothingIfMadeMeanwhile);
  const begun = rows[0];
  if (begun === undefined) return undefined;
  db.changes?.notify({ userId });
  assertWritten(begun.written, input);
  const { begin_at: first, in_epoch: epoch } = begun;
  const lease = { runId, userId, chatId, epoch };
  return { lease, inputPosition: first, input };
}

/** Chats have two keys, `on conflict` names one of them, and who makes the same chat at the same time may be met at the other. */
function nothingIfMadeMeanwhile(error: unknown): [] {
  const { cause } = Object(error) as { readonly cause?: unknown };
  if (sqlstateOf(cause) === UNIQUE_VIOLATION && Reflect.get(Object(cause), 'constraint') === 'chats_of_user')
    return [];
  throw error;
}

/** Begins a run without memory. */
export async function beginRunWithoutChat(db: Queryable, run: NewRun): Promise<BegunRun> {
  const { userId, runId, agent, leaseMs, idempotency } = run;
  await query(db, {
    userId,
    name: BEGIN_RUN_WITHOUT_CHAT.name,
    text: textFor(db, BEGIN_RUN_WITHOUT_CHAT),
    values: [userId, runId, agent, leaseMs, idempotency?.key ?? null, idempotency?.fingerprint ?? null],
  });
  return { lease: { runId, userId, chatId: null, epoch: 1 }, inputPosition: 0 };
}
