import { type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import type { Feedback } from './chat-items.ts';
import { getPoints, type Point } from './read-alternatives.ts';

/** A page ends before the item with which it would have more bytes. */
export const PAGE_BYTES = 1_000_000;
/** An item that is larger than a page is read in pieces. */
export const PIECE_CHARACTERS = 250_000;

/** An item of a page, and what is known of it beside its text. */
export interface PagedItem {
  readonly position: number;
  /** Null where the item alone is larger than a page. */
  readonly text: string | null;
  readonly createdAt: Date;
  readonly runId: string | null;
  readonly isBlocked: boolean;
  readonly feedback: Feedback | null;
}

/** Which items of a chat. */
export interface PageOptions {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit: number;
  /** Of this alternative, which is set aside, and not of the history. */
  readonly alternative?: number | undefined;
}

/** Items, oldest first, and the points before and between them. */
export interface ItemPage {
  readonly items: PagedItem[];
  /** Whether there are further ones in the direction asked for. */
  readonly hasMore: boolean;
  readonly points: readonly Point[];
}

type Source = 'chat_items' | 'archived_items';

/**
 * $1 chat_id, $2 user_id, $3 and $4 the positions between which, $5 limit: how far the page reaches among these items.
 * Sizes are looked at as they are stored, and what is compressed is unpacked as far as a page can reach, before any item
 * is read. Each counts for a hundred bytes more than it has.
 */
export const withPage = (items: string, isForward: boolean) => {
  const order = isForward ? 'position' : 'position desc';
  return `
  with page as (
    select ${isForward ? 'max' : 'min'}(position) filter (where fits) as last, max(bytes) filter (where fits) as bytes,
      count(*) > count(*) filter (where fits) as has_more
    from (
      select position, bytes, place <= $5 and (bytes <= ${PAGE_BYTES} or place = 1) as fits
      from (
        select position, row_number() over items as place,
          sum(100 + case
            when stored > ${PAGE_BYTES} or packed is null then size else octet_length(packed::text) end) over items as bytes
        from (
          select position, packed, size, sum(size) over (order by ${order} rows unbounded preceding) - size as stored
          from (
            select position, pg_column_size(item) as size,
              case when pg_column_compression(item) is not null then item end as packed
            from ${items} and position > $3 and position < $4
            order by ${order} limit $5 + 1
          ) as i
        ) as measured
        window items as (order by ${order} rows unbounded preceding)
      ) as summed
    ) as fitting
  )`;
};

/** As `withPage`; of archived items: $6 alternative_id. */
const selectPage = (source: Source, isForward: boolean) => {
  const items = `${source} i where i.chat_id = $1 and i.user_id = $2${source === 'archived_items' ? ' and i.alternative_id = $6' : ''}`;
  return `${withPage(items, isForward)}
  select i.position::float8 as position, case when page.bytes <= ${PAGE_BYTES} then i.item::text end as text,
    i.created_at as "createdAt", i.run_id as "runId", i.is_blocked as "isBlocked", i.feedback, page.has_more as "hasMore",
    exists (select from alternatives a where a.chat_id = $1 and a.user_id = $2) as "hasAlternatives"
  from page, ${items} and ${isForward ? 'i.position > $3 and i.position <= page.last' : 'i.position >= page.last and i.position < $4'}`;
};

const STATEMENTS = {
  chat_items: {
    after: { name: 'get_item_page_after', text: selectPage('chat_items', true) },
    before: { name: 'get_item_page_before', text: selectPage('chat_items', false) },
  },
  archived_items: {
    after: { name: 'get_archived_page_after', text: selectPage('archived_items', true) },
    before: { name: 'get_archived_page_before', text: selectPage('archived_items', false) },
  },
};

type Row = PagedItem & { readonly hasMore: boolean; readonly hasAlternatives: boolean };

/**
 * The last `limit` items before `before`, or the first `limit` after `after` (default: the newest), oldest first: fewer
 * where they are more than a megabyte. One statement, and another one of a chat with alternatives.
 */
export async function getItemPage(
  db: Queryable,
  chatId: string,
  userId: string,
  { before, after, limit, alternative }: PageOptions,
): Promise<ItemPage> {
  const isForward = after !== undefined && before === undefined;
  const values = [chatId, userId, after ?? -1, before ?? Number.MAX_SAFE_INTEGER, limit];
  const source = alternative === undefined ? 'chat_items' : 'archived_items';
  const items = await query<Row>(db, {
    userId,
    ...STATEMENTS[source][isForward ? 'after' : 'before'],
    values: alternative === undefined ? values : [...values, alternative],
  });
  items.sort((a, b) => a.position - b.position);
  const hasMore = items[0]?.hasMore ?? false;
  const isEnd = isForward ? !hasMore : before === undefined;
  const from = items[0]?.position ?? (after ?? -1) + 1;
  const to = isEnd ? Number.MAX_SAFE_INTEGER : (items.at(-1)?.position ?? -1);
  // An empty page does not say whether there are alternatives.
  const points =
    items[0]?.hasAlternatives === false
      ? []
      : await getPoints(db, chatId, userId, { from, to, inside: alternative });
  return { items, hasMore, points };
}

/**
 * The JSON text of a set-aside item that is larger than a page.
 *
 * @returns what reads the next piece, and rejects with QuestlogError `history_conflict` when the item is not there.
 */
export function readLargeArchivedItem(
  db: Queryable,
  userId: string,
  chatId: string,
  position: number,
): () => Promise<ItemPiece> {
  return inPieces(async (from) => {
    const [found] = await query<{ piece: string }>(db, {
      userId,
      text: `select substr(item::text, $4, ${PIECE_CHARACTERS}) as piece from archived_items
        where chat_id = $1 and user_id = $2 and position = $3`,
      values: [chatId, userId, position, from],
      isLarge: true,
    });
    if (found === undefined)
      throw new QuestlogError('history_conflict', 'the item was moved while it was read');
    return found.piece;
  });
}

/** A piece of an item's JSON text. */
export interface ItemPiece {
  readonly text: string;
  readonly isLast: boolean;
}

/** @param read reads a piece from a character on, counted from 1. @returns what reads the next one. */
export function inPieces(read: (from: number) => Promise<string>): () => Promise<ItemPiece> {
  let from = 1;
  return async () => {
    const text = await read(from);
    from += PIECE_CHARACTERS;
    return { text, isLast: text.length < PIECE_CHARACTERS };
  };
}
