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

/** A page ends before the item with which it would have more bytes. */
export const PAGE_BYTES = 1_000_000;

/** An item of a page, and what is known of it beside its text. */
export interface PagedItem {
  readonly position: number;
  /** Null where the item alone is larger than a page. */
  readonly text: string | null;
  readonly createdAt: Date;
  readonly runId: string | null;
  readonly isBlocked: boolean;
}

// Both: $1 chat_id, $2 user_id, $3 and $4 the positions between which, $5 limit.
// Sizes are looked at as they are stored, and what is compressed is unpacked as far as a page can reach, before any item
// is read. Each counts for a hundred bytes more than it has.

const PAGE_AFTER = `
  with page as (
    select max(position) filter (where fits) as last, max(bytes) filter (where fits) as bytes,
      count(*) > count(*) filter (where fits) as has_more
    from (
      select position, bytes, place <= $5 and (bytes <= ${PAGE_BYTES} or place = 1) as fits
      from (
        select position, row_number() over items as place,
          sum(100 + case
            when stored > ${PAGE_BYTES} or packed is null then size else octet_length(packed::text) end) over items as bytes
        from (
          select position, packed, size, sum(size) over (order by position rows unbounded preceding) - size as stored
          from (
            select position, pg_column_size(item) as size,
              case when pg_column_compression(item) is not null then item end as packed
            from chat_items where chat_id = $1 and user_id = $2 and position > $3 and position < $4
            order by position limit $5 + 1
          ) as i
        ) as measured
        window items as (order by position rows unbounded preceding)
      ) as summed
    ) as fitting
  )
  select i.position::float8 as position, case when page.bytes <= ${PAGE_BYTES} then i.item::text end as text,
    i.created_at as "createdAt", i.run_id as "runId", i.is_blocked as "isBlocked", page.has_more as "hasMore"
  from page join chat_items i on i.chat_id = $1 and i.user_id = $2 and i.position > $3 and i.position <= page.last`;

const PAGE_BEFORE = `
  with page as (
    select min(position) filter (where fits) as last, max(bytes) filter (where fits) as bytes,
      count(*) > count(*) filter (where fits) as has_more
    from (
      select position, bytes, place <= $5 and (bytes <= ${PAGE_BYTES} or place = 1) as fits
      from (
        select position, row_number() over items as place,
          sum(100 + case
            when stored > ${PAGE_BYTES} or packed is null then size else octet_length(packed::text) end) over items as bytes
        from (
          select position, packed, size, sum(size) over (order by position desc rows unbounded preceding) - size as stored
          from (
            select position, pg_column_size(item) as size,
              case when pg_column_compression(item) is not null then item end as packed
            from chat_items where chat_id = $1 and user_id = $2 and position > $3 and position < $4
            order by position desc limit $5 + 1
          ) as i
        ) as measured
        window items as (order by position desc rows unbounded preceding)
      ) as summed
    ) as fitting
  )
  select i.position::float8 as position, case when page.bytes <= ${PAGE_BYTES} then i.item::text end as text,
    i.created_at as "createdAt", i.run_id as "runId", i.is_blocked as "isBlocked", page.has_more as "hasMore"
  from page join chat_items i on i.chat_id = $1 and i.user_id = $2 and i.position >= page.last and i.position < $4`;

/**
 * The last `limit` items before `before`, or the first `limit` after `after` (default: the newest), oldest first: fewer
 * where they are more than a megabyte.
 */
export async function getItemPage(
  db: Queryable,
  chatId: string,
  userId: string,
  page: { readonly before?: number | undefined; readonly after?: number | undefined; readonly limit: number },
): Promise<{ readonly items: PagedItem[]; readonly hasMore: boolean }> {
  const { before, after, limit } = page;
  const values = [chatId, userId, after ?? -1, before ?? Number.MAX_SAFE_INTEGER, limit];
  const isForward = after !== undefined && before === undefined;
  const rows = await query<PagedItem & { readonly hasMore: boolean }>(db, {
    userId,
    ...(isForward
      ? { name: 'get_item_page_after', text: PAGE_AFTER }
      : { name: 'get_item_page_before', text: PAGE_BEFORE }),
    values,
  });
  rows.sort((a, b) => a.position - b.position);
  return { items: rows, hasMore: rows[0]?.hasMore ?? false };
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
