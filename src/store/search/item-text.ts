import { type Queryable, query } from '../../driver/driver.ts';

/** Stored bytes of an item: larger ones are read one by one. */
export const LARGE_ITEM_BYTES = 200_000;

/** The JSON text of one item of a chat, however large it is. Undefined: it is not there. */
export async function getItemText(
  db: Queryable,
  userId: string,
  chatId: string,
  position: number,
): Promise<string | undefined> {
  const rows = await query<{ text: string }>(db, {
    userId,
    text: `select item::text as text from chat_items where user_id = $1 and chat_id = $2 and position = $3`,
    values: [userId, chatId, position],
    isLarge: true,
  });
  return rows[0]?.text;
}
