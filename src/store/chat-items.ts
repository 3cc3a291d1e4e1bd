import { type Queryable, query } from '../db/database.ts';
import { touch } from '../db/touch.ts';
import { QuestlogError } from '../errors.ts';
import type { EncodedItems } from './item-json.ts';
import type { LockedChat } from './locked-chat.ts';

/** An item's JSON text and its place in the chat. */
export interface StoredItem {
  readonly position: number;
  readonly text: string;
}

/** What an append wrote: `count` positions from `first`. */
export interface Appended {
  readonly first: number;
  readonly count: number;
}

export interface AppendOptions {
  /** The run that the items belong to. */
  readonly runId?: string | undefined;
  /** Taken by a chat that has no title yet. */
  readonly title?: string | undefined;
}

const INSERTED = `, inserted as (
    insert into chat_items (chat_id, position, user_id, item, run_id)
    select chat.chat_id, chat.first + e.place - 1, chat.user_id, e.value, $5
    from chat, json_array_elements($4::json) with ordinality as e(value, place)
    returning 1
  )
  select chat.first::float8 as first, (select count(*) from inserted)::int as count, chat.user_id as "userId"
  from chat`;

/**
 * Appends items to a chat: one statement, whose row lock on the chat gives concurrent writers their order.
 *
 * @param userId the owner; null trusts the caller to have checked it.
 * @returns undefined when there is no such chat of this user.
 */
export async function appendItems(
  db: Queryable,
  chatId: string,
  userId: string | null,
  items: EncodedItems,
  options: AppendOptions = {},
): Promise<Appended | undefined> {
  const rows = await query<Written>(db, {
    name: 'append_items',
    text: `with chat as (
        update chats set next_position = next_position + $3, title = coalesce(title, $6)
        where chat_id = $1 and user_id = coalesce($2, user_id)
        returning chat_id, user_id, next_position - $3 as first
      )${INSERTED}`,
    values: appendValues(chatId, userId, items, options),
  });
  return written(db, rows[0], items);
}

/**
 * Appends items to a chat of this user, made when it does not exist.
 *
 * @returns undefined when the chat belongs to somebody else.
 */
export async function appendItemsOrCreate(
  db: Queryable,
  chatId: string,
  userId: string,
  items: EncodedItems,
  options: AppendOptions = {},
): Promise<Appended | undefined> {
  const rows = await query<Written>(db, {
    name: 'append_items_or_create',
    text: `with chat as (
        insert into chats (chat_id, user_id, next_position, title) values ($1, $2, $3, $6)
        on conflict (chat_id) do update
          set next_position = chats.next_position + $3, title = coalesce(chats.title, excluded.title)
          where chats.user_id = excluded.user_id
        returning chat_id, user_id, next_position - $3 as first
      )${INSERTED}`,
    values: appendValues(chatId, userId, items, options),
  });
  return written(db, rows[0], items);
}

/** Writes items at the locked chat's next positions. The caller moves `next_position`. */
export async function insertItems(tx: Queryable, chat: LockedChat, items: EncodedItems): Promise<void> {
  if (items.texts.length === 0) return;
  const rows = await query<{ count: number }>(tx, {
    text: `with inserted as (
        insert into chat_items (chat_id, position, user_id, item)
        select $1, $3 + e.place - 1, $2, e.value from json_array_elements($4::json) with ordinality as e(value, place)
        returning 1
      ) select count(*)::int as count from inserted`,
    values: [chat.chatId, chat.userId, chat.nextPosition, toJsonArray(items)],
  });
  assertAllWritten(rows[0]?.count, items);
}

/** Removes and returns the newest item of a locked chat. */
export async function deleteNewestItem(tx: Queryable, chat: LockedChat): Promise<string | undefined> {
  const rows = await query<{ item: string }>(tx, {
    text: `delete from chat_items where chat_id = $1 and user_id = $2
        and position = (select max(position) from chat_items where chat_id = $1 and user_id = $2 and not is_blocked)
      returning item::text as item`,
    values: [chat.chatId, chat.userId],
  });
  return rows[0]?.item;
}

/** Removes the items of a locked chat from position `from` on. */
export async function deleteItems(tx: Queryable, chat: LockedChat, from = 0): Promise<void> {
  await query(tx, {
    text: 'delete from chat_items where chat_id = $1 and user_id = $2 and position >= $3',
    values: [chat.chatId, chat.userId, from],
  });
}

/** Removes one item of a locked chat. */
export async function deleteItem(tx: Queryable, chat: LockedChat, position: number): Promise<void> {
  await query(tx, {
    text: 'delete from chat_items where chat_id = $1 and user_id = $2 and position = $3',
    values: [chat.chatId, chat.userId, position],
  });
}

/** Puts another item at a position of a locked chat. */
export async function replaceItem(tx: Queryable, chat: LockedChat, item: StoredItem): Promise<void> {
  await query(tx, {
    text: 'update chat_items set item = $4::json where chat_id = $1 and user_id = $2 and position = $3',
    values: [chat.chatId, chat.userId, item.position, item.text],
  });
}

function appendValues(
  chatId: string,
  userId: string | null,
  items: EncodedItems,
  options: AppendOptions,
): unknown[] {
  return [
    chatId,
    userId,
    items.texts.length,
    toJsonArray(items),
    options.runId ?? null,
    options.title ?? null,
  ];
}

function toJsonArray(items: EncodedItems): string {
  return `[${items.texts.join(',')}]`;
}

interface Written extends Appended {
  readonly userId: string;
}

function written(db: Queryable, appended: Written | undefined, items: EncodedItems): Appended | undefined {
  if (appended === undefined) return undefined;
  const { userId, ...rest } = appended;
  touch(db, { userId });
  assertAllWritten(rest.count, items);
  return rest;
}

/** PGlite can drop rows without an error (facts, 1.2): what was not counted was not written. */
function assertAllWritten(count: number | undefined, items: EncodedItems): void {
  if (count === items.texts.length) return;
  throw new QuestlogError('database_failed', `the database wrote ${count} of ${items.texts.length} items`);
}
