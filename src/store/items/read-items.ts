import type { AgentInputItem } from '@openai/agents-core';
import { type Queryable, query, readJson } from '../../driver/driver.ts';
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

/** Items. A position says how many there are before it at most. */
const LARGE_HISTORY = 1_000;

const AS_ITEMS = readJson(decodeItem);

/** A chat's items, oldest first: all of them, or the newest `limit`, or those before a position. */
export async function getItems(
  db: Queryable,
  chatId: string,
  userId: string,
  { limit, before, forModel = false }: ItemRange = {},
): Promise<AgentInputItem[]> {
  const rows = await query<{ item: AgentInputItem }>(db, {
    userId,
    name: 'get_items',
    text: `select item from chat_items
      where chat_id = $1 and user_id = $2 and position < $3 and not (is_blocked and $5)
      order by position desc limit $4`,
    values: [chatId, userId, before ?? Number.MAX_SAFE_INTEGER, limit ?? null, forModel],
    types: AS_ITEMS,
    isLarge: before !== undefined && before > LARGE_HISTORY,
  });
  return rows.map(({ item }) => item).reverse();
}

/** The items that a model gets of a chat, with their positions, oldest first: all but what an input guardrail refused. */
export async function getStoredItems(
  db: Queryable,
  { chatId, userId }: { readonly chatId: string; readonly userId: string },
): Promise<StoredItem[]> {
  return query<StoredItem>(db, {
    userId,
    text: `select position::float8 as position, item::text as text from chat_items
      where chat_id = $1 and user_id = $2 and not is_blocked order by chat_items.position`,
    values: [chatId, userId],
  });
}

/** The position of the newest item but `count - 1` of those that a model gets, or of the first one; undefined: there is none. */
export async function findNewest(
  db: Queryable,
  { chatId, userId }: { readonly chatId: string; readonly userId: string },
  count: number,
): Promise<number | undefined> {
  const [found] = await query<{ position: number | null }>(db, {
    userId,
    text: `select min(position)::float8 as position from (
        select position from chat_items where chat_id = $1 and user_id = $2 and not is_blocked
        order by position desc limit $3) as newest`,
    values: [chatId, userId, count],
  });
  return found?.position ?? undefined;
}
