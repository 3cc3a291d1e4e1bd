import { type Queryable, query } from '../../driver/driver.ts';
import { type Callable, storeItems, textFor } from '../callable.ts';
import { assertWritten, type EncodedItems, toJsonTexts } from '../items/encoded-items.ts';
import type { RunLease, RunStatus } from './runs.ts';

/**
 * How a run, or a part of it that ends with a pause, ended. The JSON fields are texts; one that is left out becomes
 * null.
 */
export interface RunEnd {
  /** The state that it must be in. Default: `running`. */
  readonly from?: 'running' | 'awaiting_approval';
  readonly status: Exclude<RunStatus, 'running'>;
  /** Items that go to the end of the chat. */
  readonly items: EncodedItems;
  /** The journal from this position on is replaced by `items`; undefined keeps it. */
  readonly replaceFrom?: number | undefined;
  /** The input that a guardrail refused: from here to the journal, which is replaced. */
  readonly blockFrom?: number | undefined;
  readonly usage?: string | undefined;
  readonly outcome?: string | undefined;
  readonly error?: string | undefined;
  readonly pending?: string | undefined;
  /** The last events, from number `firstEvent`. */
  readonly events: readonly string[];
  readonly firstEvent: number;
}

const RUN_PARAMETERS = 'text text bigint text text json json json json bigint bigint json'.split(' ');

/** In PL/pgSQL: the last events of a run. */
const STORE_EVENTS = `
      if $11 >= $10 then
        insert into run_events (user_id, run_id, first_event, last_event, events) values ($1, $2, $10, $11, $12)
        on conflict (user_id, run_id, first_event)
          do update set last_event = excluded.last_event, events = excluded.events;
      end if;`;

/**
 * $1 user_id, $2 run_id, $3 epoch, $4 status before, $5 status, $6 usage, $7 outcome, $8 error, $9 pending calls,
 * $10 and $11 first and last event, $12 events.
 */
export const END_RUN_WITHOUT_CHAT: Callable = {
  name: 'end_run_without_chat',
  takes: RUN_PARAMETERS,
  user: 1,
  gives: 'written int',
  text: `
  with run as (
    update runs set status = $5::text, usage = $6::json, outcome = $7::json, error = $8::json, pending = $9::json,
      last_event = $11::bigint, ended_at = statement_timestamp() + case when $5::text <> 'awaiting_approval' then interval '0' end
    where user_id = $1 and run_id = $2::text and epoch = $3 and status = $4
    returning user_id, run_id
  ), events as (
    insert into run_events (user_id, run_id, first_event, last_event, events)
    select user_id, run_id, $10::bigint, $11::bigint, $12::json from run where $11::bigint >= $10::bigint
    on conflict (user_id, run_id, first_event)
      do update set last_event = excluded.last_event, events = excluded.events
  )
  select 0 as written from run`,
  body: `
    begin
      update runs set status = $5, usage = $6, outcome = $7, error = $8, pending = $9, last_event = $11,
        ended_at = statement_timestamp() + case when $5 <> 'awaiting_approval' then interval '0' end
      where user_id = $1 and run_id = $2 and epoch = $3 and status = $4;
      if not found then return; end if;
      ${STORE_EVENTS}
      written := 0;
      return next;
    end`,
};

/**
 * $1 to $12 as above; $13 chat_id, $14 count of items, $15 items, $16 position from which they replace the journal
 * (null: it stays), $17 position from which the input is blocked (null: none).
 *
 * Only this run writes its journal, so no other statement can add to it while this one runs. If the run goes on, its
 * next journal begins behind the items that took this one's place.
 */
export const END_RUN: Callable = {
  name: 'end_run',
  takes: [...RUN_PARAMETERS, 'text', 'bigint', 'json', 'bigint', 'bigint'],
  user: 1,
  gives: 'written int',
  text: `
  with chat as (
    update chats set next_position = next_position + $14::bigint,
      updated_at = statement_timestamp(),
      active_run = case when $5::text = 'awaiting_approval' then active_run end
    where chat_id = $13 and user_id = $1 and active_run = $2::text and run_epoch = $3
    returning chat_id, user_id, next_position - $14::bigint as first
  ), removed as (
    delete from chat_items i using chat
    where i.chat_id = chat.chat_id and i.user_id = $1 and i.run_id = $2::text and i.position >= $16::bigint
  ), blocked as (
    update chat_items i set is_blocked = true from chat
    where i.chat_id = chat.chat_id and i.user_id = $1 and i.run_id = $2::text
      and i.position >= $17::bigint and i.position < $16::bigint
  ), inserted as (
    insert into chat_items (chat_id, position, user_id, item, run_id)
    select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json, $2::text
    from chat, json_array_elements_text($15::json) with ordinality as e(value, place)
    returning 1
  ), run as (
    update runs set status = $5::text, usage = $6::json, outcome = $7::json, error = $8::json, pending = $9::json,
      last_event = $11::bigint, ended_at = statement_timestamp() + case when $5::text <> 'awaiting_approval' then interval '0' end,
      journal_from = case when $16::bigint is null then journal_from else chat.first + $14::bigint end
    from chat
    where runs.user_id = $1 and runs.run_id = $2::text and runs.epoch = $3 and runs.status = $4
    returning runs.user_id, runs.run_id
  ), events as (
    insert into run_events (user_id, run_id, first_event, last_event, events)
    select user_id, run_id, $10::bigint, $11::bigint, $12::json from run where $11::bigint >= $10::bigint
    on conflict (user_id, run_id, first_event)
      do update set last_event = excluded.last_event, events = excluded.events
  )
  select (select count(*) from inserted)::int as written from run`,
  body: `
    declare
      start bigint;
      entry record;
    begin
      update chats set next_position = next_position + $14, updated_at = statement_timestamp(),
        active_run = case when $5 = 'awaiting_approval' then active_run end
      where chat_id = $13 and user_id = $1 and active_run = $2 and run_epoch = $3
      returning next_position - $14 into start;
      if not found then return; end if;
      if $16 is not null then
        delete from chat_items where user_id = $1 and chat_id = $13 and run_id = $2 and position >= $16;
      end if;
      if $17 is not null then
        update chat_items set is_blocked = true
        where user_id = $1 and chat_id = $13 and run_id = $2 and position >= $17 and position < $16;
      end if;
      written := 0;
      ${storeItems({ chat: '$13', user: '$1', run: '$2', items: '$15', from: 'start' }, 'written := written + 1')}
      update runs set status = $5, usage = $6, outcome = $7, error = $8, pending = $9, last_event = $11,
        ended_at = statement_timestamp() + case when $5 <> 'awaiting_approval' then interval '0' end,
        journal_from = case when $16 is null then journal_from else start + $14 end
      where user_id = $1 and run_id = $2 and epoch = $3 and status = $4;
      if not found then return; end if;
      ${STORE_EVENTS}
      return next;
    end`,
};

/**
 * Ends a run: its items, its last events and its state, all in one statement.
 *
 * @returns false when the run is no longer this process's; nothing has changed.
 */
export async function endRun(db: Queryable, run: RunLease, end: RunEnd): Promise<boolean> {
  const { userId, chatId } = run;
  const values = [
    userId,
    run.runId,
    run.epoch,
    end.from ?? 'running',
    end.status,
    end.usage ?? null,
    end.outcome ?? null,
    end.error ?? null,
    end.pending ?? null,
    end.firstEvent,
    end.firstEvent + end.events.length - 1,
    `[${end.events.join(',')}]`,
  ];
  if (chatId === null) {
    const rows = await query(db, {
      userId,
      name: END_RUN_WITHOUT_CHAT.name,
      text: textFor(db, END_RUN_WITHOUT_CHAT),
      values,
    });
    return rows.length > 0;
  }
  const { items, replaceFrom = null, blockFrom = null } = end;
  const rows = await query<{ written: number }>(db, {
    userId,
    name: END_RUN.name,
    text: textFor(db, END_RUN),
    values: [...values, chatId, items.texts.length, toJsonTexts(items), replaceFrom, blockFrom],
  });
  if (rows[0] === undefined) return false;
  db.changes?.notify({ userId });
  assertWritten(rows[0].written, items);
  return true;
}
