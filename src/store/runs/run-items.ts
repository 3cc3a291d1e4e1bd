import { type Queryable, query } from '../../driver/driver.ts';
import { assertWritten, type EncodedItems, toJsonTexts } from '../items/encoded-items.ts';
import type { RunLease } from './runs.ts';

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
    name: 'append_run_items',
    text: `with chat as (
        update chats set next_position = next_position + $5
        where chat_id = $1 and user_id = $2 and active_run = $3::text and run_epoch = $4
        returning chat_id, user_id, next_position - $5 as first
      )
      insert into chat_items (chat_id, position, user_id, item, run_id)
      select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json, $3::text
      from chat, json_array_elements_text($6::json) with ordinality as e(value, place)
      returning true as written`,
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
