import { type Queryable, query } from '../../driver/driver.ts';
import { type Callable, storeItems, textFor } from '../callable.ts';
import { assertWritten, type EncodedItems, toJsonTexts } from '../items/encoded-items.ts';
import type { RunLease } from './runs.ts';

/** $1 chat_id, $2 user_id, $3 run_id, $4 epoch, $5 count of items, $6 items. */
export const APPEND_RUN_ITEMS: Callable = {
  name: 'append_run_items',
  takes: ['text', 'text', 'text', 'bigint', 'bigint', 'json'],
  user: 2,
  gives: 'written boolean',
  text: `
  with chat as (
    update chats set next_position = next_position + $5,
      updated_at = statement_timestamp()
    where chat_id = $1 and user_id = $2 and active_run = $3::text and run_epoch = $4
    returning chat_id, user_id, next_position - $5 as first
  )
  insert into chat_items (chat_id, position, user_id, item, run_id)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json, $3::text
  from chat, json_array_elements_text($6::json) with ordinality as e(value, place)
  returning true as written`,
  body: `
    declare
      start bigint;
      entry record;
    begin
      update chats set next_position = next_position + $5, updated_at = statement_timestamp()
      where chat_id = $1 and user_id = $2 and active_run = $3 and run_epoch = $4
      returning next_position - $5 into start;
      if not found then return; end if;
      ${storeItems({ chat: '$1', user: '$2', run: '$3', items: '$6', from: 'start' }, 'return next')}
    end`,
};

/**
 * Appends items to the chat as its run.
 *
 * @returns false when the chat is no longer this run's.
 */
export async function appendRunItems(
  db: Queryable,
  { chatId, userId, runId, epoch }: RunLease,
  items: EncodedItems,
): Promise<boolean> {
  const rows = await query(db, {
    userId,
    name: APPEND_RUN_ITEMS.name,
    text: textFor(db, APPEND_RUN_ITEMS),
    values: [chatId, userId, runId, epoch, items.texts.length, toJsonTexts(items)],
  });
  if (rows.length === 0) return false;
  db.changes?.notify({ userId });
  assertWritten(rows.length, items);
  return true;
}

/** The JSON texts of what a run has stored in its chat from a position on. */
export async function getRunItems(db: Queryable, run: RunLease, from: number): Promise<string[]> {
  const rows = await query<{ item: string }>(db, {
    userId: run.userId,
    text: `select item::text as item from chat_items
      where chat_id = $1 and user_id = $2 and run_id = $3 and position >= $4 order by position`,
    values: [run.chatId, run.userId, run.runId, from],
  });
  return rows.map(({ item }) => item);
}
