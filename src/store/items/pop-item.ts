import { type Queryable, query } from '../../driver/driver.ts';

/**
 * Removes the newest item of a chat in one statement, unless the chat was changed meanwhile. A statement sees the items
 * as they were when it began, and has to wait for the holder of the chat's row: only when the row is still the one that
 * it saw, are the items, too. Every writer of items changes the row, and `updated_at` with it.
 *
 * @returns the JSON text of the item. Undefined: nothing was done, because another writer was faster, or there is no such chat
 * of this user, or nothing in it.
 */
export async function popItem(db: Queryable, chatId: string, userId: string): Promise<string | undefined> {
  const rows = await query<{ item: string }>(db, {
    userId,
    name: 'pop_unchanged',
    text: `with newest as (
        select max(position) as position from chat_items where chat_id = $1 and user_id = $2 and not is_blocked
      ), chat as (
        update chats set next_position = next_position from newest
        where chat_id = $1 and user_id = $2 and newest.position is not null
          and updated_at = (select seen.updated_at from chats seen where seen.chat_id = $1 and seen.user_id = $2)
        returning chat_id, user_id, newest.position
      )
      delete from chat_items i using chat
      where i.chat_id = chat.chat_id and i.user_id = chat.user_id and i.position = chat.position
      returning i.item::text as item`,
    values: [chatId, userId],
  });
  if (rows[0] !== undefined) db.changes?.notify({ userId });
  return rows[0]?.item;
}
