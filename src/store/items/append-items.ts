import { type Queryable, query, type Statement } from '../../driver/driver.ts';
import { assertWritten, EncodedItems, toJsonTexts } from './encoded-items.ts';

/** Items for the end of a chat: at least one. */
export interface Append {
  /** The owner; null trusts the caller to have checked it. */
  readonly userId: string | null;
  readonly items: EncodedItems;
}

/** A row for each item that was written. */
interface Written {
  readonly userId: string;
}

// All three: $1 chat_id, $2 user_id (null: the caller is trusted), $3 count of items, $4 items.

const APPEND_ITEMS = `
  with chat as (
    update chats set next_position = next_position + $3
    where chat_id = $1 and user_id = coalesce($2, user_id)
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json
  from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
  returning user_id as "userId"`;

const APPEND_ITEMS_OR_CREATE = `
  with chat as (
    insert into chats (chat_id, user_id, next_position) values ($1, $2, $3)
    on conflict (chat_id) do update set next_position = chats.next_position + $3
      where chats.user_id = excluded.user_id
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json
  from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
  returning user_id as "userId"`;

const APPEND_TO_NEW_CHAT = `
  with chat as (
    insert into chats (chat_id, user_id, next_position) values ($1, $2, $3)
    on conflict (chat_id) do nothing
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json
  from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
  returning user_id as "userId"`;

/**
 * Appends items to a chat: one statement, whose row lock on the chat gives concurrent writers their order.
 *
 * @returns false when there is no such chat of this user.
 */
export function appendItems(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  return writeAppend(db, { name: 'append_items', text: APPEND_ITEMS }, chatId, append);
}

/**
 * Appends items to a chat of this user, made when it does not exist.
 *
 * @returns false when the chat belongs to another user.
 */
export function appendItemsOrCreate(
  db: Queryable,
  chatId: string,
  userId: string,
  items: EncodedItems,
): Promise<boolean> {
  const statement = { name: 'append_items_or_create', text: APPEND_ITEMS_OR_CREATE };
  return writeAppend(db, statement, chatId, { userId, items });
}

/**
 * Makes a chat of this user with its first items. It does not wait for a chat that another transaction is changing.
 *
 * @returns false when the chat exists, whichever user it belongs to.
 */
export function appendToNewChat(
  db: Queryable,
  chatId: string,
  userId: string,
  items: EncodedItems,
): Promise<boolean> {
  return writeAppend(db, { name: 'append_to_new_chat', text: APPEND_TO_NEW_CHAT }, chatId, { userId, items });
}

/** @returns false when the statement found no chat to append to. */
async function writeAppend(
  db: Queryable,
  statement: Pick<Statement, 'name' | 'text'>,
  chatId: string,
  { userId, items }: Append,
): Promise<boolean> {
  const values = [chatId, userId, items.texts.length, toJsonTexts(items)];
  const rows = await query<Written>(db, { ...statement, userId, values });
  const [first] = rows;
  if (first === undefined) return false;
  db.changes?.notify({ userId: first.userId });
  assertWritten(rows.length, items);
  return true;
}

/**
 * Appends to several chats in one statement. It waits for none of them: a chat that another transaction has locked is
 * left out, and so is one that is not there for its user.
 *
 * @returns the ids of the chats that were written.
 */
export async function appendToFreeChats(
  db: Queryable,
  appends: ReadonlyMap<string, Append>,
): Promise<ReadonlySet<string>> {
  const all = [...appends.values()];
  const rows = await query<{ chatId: string; userId: string }>(db, {
    userId: null,
    name: 'append_to_free_chats',
    text: `with free as (
        select c.chat_id, w.count, w.nth
        -- With ten rows at the least PostgreSQL keeps one plan: for fewer it would make a new one each time.
        from rows from (unnest($1::text[]), unnest($2::text[]), unnest($3::int[]), generate_series(1, 10))
          with ordinality as w(chat_id, user_id, count, unused, nth)
        join chats c on c.chat_id = w.chat_id and c.user_id = coalesce(w.user_id, c.user_id)
        for no key update of c skip locked
      ), chat as (
        update chats c set next_position = c.next_position + free.count from free where c.chat_id = free.chat_id
        returning c.chat_id, c.user_id, c.next_position - free.count as first, free.nth, free.count
      ), inserted as (
        insert into chat_items (chat_id, position, user_id, item)
        select chat.chat_id, chat.first + e.place, chat.user_id, e.item::json
        from chat join rows from (json_array_elements_text($4::json), unnest($5::int[]), unnest($6::int[])) as e(item, nth, place)
          on e.nth = chat.nth
        returning chat_id
      )
      -- Fails as a whole where a chat has not got as many rows as positions.
      select chat_id as "chatId", chat.user_id as "userId", 1 / (count(inserted.chat_id) = chat.count)::int as written
      from chat left join inserted using (chat_id) group by chat_id, chat.user_id, chat.count`,
    values: [
      [...appends.keys()],
      all.map(({ userId }) => userId),
      all.map(({ items }) => items.texts.length),
      toJsonTexts(new EncodedItems(all.flatMap(({ items }) => items.texts))),
      all.flatMap(({ items }, index) => items.texts.map(() => index + 1)),
      all.flatMap(({ items }) => items.texts.map((_, place) => place)),
    ],
  });
  for (const { userId } of rows) db.changes?.notify({ userId });
  return new Set(rows.map(({ chatId }) => chatId));
}
