import { type Queryable, query } from '../../driver/driver.ts';
import { type Callable, storeItems, textFor } from '../callable.ts';
import { assertWritten, EncodedItems, toJsonTexts } from './encoded-items.ts';

/** Items for the end of a chat: at least one. */
export interface Append {
  /** The owner. */
  readonly userId: string;
  readonly items: EncodedItems;
}

// Both: $1 chat_id, $2 user_id, $3 count of items, $4 items.

export const APPEND_ITEMS: Callable = {
  name: 'append_items',
  takes: ['text', 'text', 'bigint', 'json'],
  user: 2,
  gives: 'written boolean',
  text: `
  with chat as (
    update chats set next_position = next_position + $3,
      updated_at = statement_timestamp()
    where chat_id = $1 and user_id = $2
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json
  from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
  returning true as written`,
  body: `
    declare
      start bigint;
      entry record;
    begin
      update chats set next_position = next_position + $3, updated_at = statement_timestamp()
      where chat_id = $1 and user_id = $2 returning next_position - $3 into start;
      if not found then return; end if;
      ${storeItems({ chat: '$1', user: '$2', items: '$4', from: 'start' }, 'return next')}
    end`,
};

export const APPEND_TO_NEW_CHAT: Callable = {
  name: 'append_to_new_chat',
  takes: ['text', 'text', 'bigint', 'json'],
  user: 2,
  gives: 'written boolean',
  text: `
  with chat as (
    insert into chats (chat_id, user_id, next_position) values ($1, $2, $3)
    on conflict do nothing
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value::json
  from chat, json_array_elements_text($4::json) with ordinality as e(value, place)
  returning true as written`,
  body: `
    declare
      entry record;
    begin
      insert into chats (chat_id, user_id, next_position) values ($1, $2, $3) on conflict do nothing;
      if not found then return; end if;
      ${storeItems({ chat: '$1', user: '$2', items: '$4', from: '0' }, 'return next')}
    end`,
};

/**
 * Appends items to a chat: one statement, whose row lock on the chat gives concurrent writers their order.
 *
 * @returns false when there is no such chat of this user.
 */
export function appendItems(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  return writeAppend(db, APPEND_ITEMS, chatId, append);
}

/**
 * Makes a chat of this user with its first items. It does not wait for a chat that another transaction is changing.
 *
 * @returns false when the chat exists, whichever user it belongs to.
 */
export function appendToNewChat(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  return writeAppend(db, APPEND_TO_NEW_CHAT, chatId, append);
}

/** @returns false when the statement found no chat to append to. */
async function writeAppend(
  db: Queryable,
  statement: Callable,
  chatId: string,
  { userId, items }: Append,
): Promise<boolean> {
  const values = [chatId, userId, items.texts.length, toJsonTexts(items)];
  const rows = await query(db, { name: statement.name, text: textFor(db, statement), userId, values });
  if (rows.length === 0) return false;
  db.changes?.notify({ userId });
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
        select c.chat_id, c.user_id, w.count, w.nth
        -- With ten rows at the least PostgreSQL keeps one plan: for fewer it would make a new one each time.
        from rows from (unnest($1::text[]), unnest($2::text[]), unnest($3::int[]), generate_series(1, 10))
          with ordinality as w(chat_id, user_id, count, unused, nth)
        join chats c on c.chat_id = w.chat_id and c.user_id = w.user_id
        for no key update of c skip locked
      ), chat as (
        update chats c set next_position = c.next_position + free.count,
          updated_at = statement_timestamp()
        from free where c.chat_id = free.chat_id and c.user_id = free.user_id
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
