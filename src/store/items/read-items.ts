import type { AgentInputItem } from '@openai/agents-core';
import { type Queryable, query, readJson, type TypeReader } from '../../driver/driver.ts';
import type { StoredItem } from './chat-items.ts';
import { decodeItem } from './item-json.ts';

/** Which items of a chat. */
export interface ItemRange {
  /** Only the newest so many. */
  readonly limit?: number | undefined;
  /** Only those before this position. */
  readonly before?: number | undefined;
  /** Leave out what an input guardrail refused. */
  readonly forModel?: boolean;
}

const AS_TEXTS = readJson((text) => text);
const AS_ITEMS = readJson(decodeItem);

/**
 * A chat's items, oldest first: all of them, or the newest `limit`, or those before a position.
 *
 * @param userId the owner; null trusts the caller to have checked it.
 */
export function getItems(
  db: Queryable,
  chatId: string,
  userId: string | null,
  range: ItemRange = {},
): Promise<AgentInputItem[]> {
  return selectItems<AgentInputItem>(db, chatId, userId, range, AS_ITEMS);
}

/** As `getItems`: their JSON texts. */
export function getItemTexts(
  db: Queryable,
  chatId: string,
  userId: string | null,
  range: ItemRange = {},
): Promise<string[]> {
  return selectItems<string>(db, chatId, userId, range, AS_TEXTS);
}

/**
 * The owner is compared outside: all items of a chat have one, but PostgreSQL, which thinks that few rows match both,
 * would read the whole chat and sort it.
 */
async function selectItems<Item>(
  db: Queryable,
  chatId: string,
  userId: string | null,
  { limit, before, forModel = false }: ItemRange,
  types: TypeReader,
): Promise<Item[]> {
  const rows = await query<{ item: Item }>(db, {
    userId,
    name: 'get_items',
    text: `select i.item from (
        select user_id, position, item from chat_items
        where chat_id = $1 and position < $3 and not (is_blocked and $5) order by position desc limit $4
      ) as i where i.user_id = coalesce($2, i.user_id) order by i.position desc`,
    values: [chatId, userId, before ?? Number.MAX_SAFE_INTEGER, limit ?? null, forModel],
    types,
  });
  return rows.map(({ item }) => item).reverse();
}

/**
 * The JSON texts of several chats of a user, by chat, oldest item first. Chats that are not there any more are left
 * out.
 */
export async function getConversations(
  db: Queryable,
  userId: string,
  chatIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await query<{ chatId: string; item: string | null }>(db, {
    userId,
    text: `select c.chat_id as "chatId", i.item::text as item from chats c left join chat_items i using (chat_id)
      where c.user_id = $1 and c.chat_id in (select json_array_elements_text($2::json)) order by c.chat_id, i.position`,
    values: [userId, JSON.stringify(chatIds)],
  });
  const conversations = new Map<string, string[]>();
  for (const { chatId, item } of rows) {
    const texts = conversations.get(chatId) ?? [];
    if (item !== null) texts.push(item);
    conversations.set(chatId, texts);
  }
  return conversations;
}

/** A stored item, and what is known of it beside its text. */
export interface PagedItem extends StoredItem {
  readonly createdAt: Date;
  readonly runId: string | null;
  readonly isBlocked: boolean;
}

// Both: $1 chat_id, $2 user_id, $3 and $4 the positions between which, $5 limit. The owner is compared outside, as above.

const PAGE_AFTER = `
  select i.position::float8 as position, i.item::text as text, i.created_at as "createdAt", i.run_id as "runId",
    i.is_blocked as "isBlocked"
  from (
    select * from chat_items where chat_id = $1 and position > $3 and position < $4 order by position limit $5
  ) as i
  where i.user_id = $2 order by i.position`;

const PAGE_BEFORE = `
  select i.position::float8 as position, i.item::text as text, i.created_at as "createdAt", i.run_id as "runId",
    i.is_blocked as "isBlocked"
  from (
    select * from chat_items where chat_id = $1 and position > $3 and position < $4 order by position desc limit $5
  ) as i
  where i.user_id = $2 order by i.position desc`;

/** The last `limit` items before `before`, or the first `limit` after `after` (default: the newest), oldest first. */
export async function getItemPage(
  db: Queryable,
  chatId: string,
  userId: string,
  page: { readonly before?: number | undefined; readonly after?: number | undefined; readonly limit: number },
): Promise<PagedItem[]> {
  const { before, after, limit } = page;
  const values = [chatId, userId, after ?? -1, before ?? Number.MAX_SAFE_INTEGER, limit];
  if (after !== undefined && before === undefined) {
    return query<PagedItem>(db, { userId, name: 'get_item_page_after', text: PAGE_AFTER, values });
  }
  const newestFirst = await query<PagedItem>(db, {
    userId,
    name: 'get_item_page_before',
    text: PAGE_BEFORE,
    values,
  });
  return newestFirst.reverse();
}

/**
 * The items that a model gets of a chat, with their positions, oldest first: all but what an input guardrail refused.
 *
 * @param userId the owner; null trusts the caller to have checked it.
 */
export async function getStoredItems(
  db: Queryable,
  { chatId, userId }: { readonly chatId: string; readonly userId: string | null },
): Promise<StoredItem[]> {
  return query<StoredItem>(db, {
    userId,
    text: `select position::float8 as position, item::text as text from chat_items
      where chat_id = $1 and user_id = coalesce($2, user_id) and not is_blocked order by chat_items.position`,
    values: [chatId, userId],
  });
}
