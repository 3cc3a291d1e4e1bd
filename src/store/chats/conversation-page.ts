import { type Queryable, query, readJson } from '../../driver/driver.ts';
import { PIECE_CHARACTERS } from '../items/item-page.ts';
import { CHAT_COLUMNS, type Chat } from './chats.ts';

/** A page ends before the item with which it would have more bytes: so many keep nobody else from the event loop for long. */
const PAGE_BYTES = 250_000;

/** Where to go on in a conversation of which something was read. */
export interface Place {
  /** What `HISTORY` was when it began. */
  readonly history: string;
  /** It ends before this position, that of the next item when it began. */
  readonly end: number;
  readonly after: number;
  /** The first character of the next item, from 1. */
  readonly from: number;
}

/** What a page has of a chat. */
export interface Found {
  readonly chat: Chat;
  readonly history: string;
  readonly nextPosition: number;
  /** The last position that the page reaches. Null: none. */
  readonly last: number | null;
  /** Whether that is known to be the end of the chat. */
  readonly isWhole: boolean;
  /** Of an item that is larger than a page, which is then the only one. */
  readonly piece: string | null;
  readonly texts: string[];
}

/** Changes with everything that happens to a history but an append. */
export const HISTORY = `concat_ws(' ', chat_id, extract(epoch from created_at), extract(epoch from rewritten_at))`;

/**
 * $1 user_id, $2 chat_ids; in the first one: $3 position after which, $4 before which (null: to its end), $5 character.
 *
 * Goes from chat to chat until the page is full: looks at the sizes of the next two thousand items as they are stored, and
 * unpacks what is compressed as far as a page can reach. Of an item that is read in pieces it looks at no other. Each
 * item counts for a hundred bytes more than it has. The items are read with a limit, or PostgreSQL might join the page with
 * all items of the user.
 */
const SELECT_PAGE = `
  with recursive page as (
      select 0 as nth, null as chat_id, null::json as chat, null::bigint as after, null::bigint as last, 0::bigint as bytes,
        true as is_whole
    union all
      select page.nth + 1, c.chat_id, c.chat, c.after, next.last, page.bytes + coalesce(next.bytes, 0), next.is_whole
      from page
      left join lateral (
        select chat_id, to_json(found) as chat, case page.nth when 0 then $3::bigint else -1 end as after,
          least(next_position, case page.nth when 0 then $4::bigint end) as before,
          case when page.nth = 0 and $5 > 1 then 1 else 2000 end as most
        from chats cross join lateral (
          select ${CHAT_COLUMNS}, ${HISTORY} as history, next_position as "nextPosition"
        ) as found
        where chat_id = ($2::text[])[page.nth + 1] and user_id = $1
      ) as c on true
      cross join lateral (
        select max(position) filter (where fits) as last, max(bytes) filter (where fits) as bytes,
          coalesce(bool_and(page.bytes + bytes <= ${PAGE_BYTES}) and count(*) < c.most, true) as is_whole
        from (
          select position, bytes, page.bytes + bytes <= ${PAGE_BYTES} or (page.bytes = 0 and place = 1) as fits
          from (
            select position, row_number() over items as place,
              sum(100 + case
                when stored > ${PAGE_BYTES} or packed is null then size
                else octet_length(packed::text) end) over items as bytes
            from (
              select position, packed, size, sum(size) over (order by position rows unbounded preceding) - size as stored
              from (
                select position, pg_column_size(item) as size,
                  case when pg_column_compression(item) is not null then item end as packed
                from chat_items where user_id = $1 and chat_id = c.chat_id and position > c.after and position < c.before
                order by position limit c.most
              ) as i
            ) as measured
            window items as (order by position rows unbounded preceding)
          ) as summed
        ) as fitting
      ) as next
      where page.is_whole and page.nth < cardinality($2::text[])
  )
  select page.nth, json_build_object('chat', page.chat, 'last', page.last, 'isWhole', page.is_whole, 'piece', (
      select substr(i.item::text, $5, ${PIECE_CHARACTERS}) from chat_items i
      where i.user_id = $1 and i.chat_id = page.chat_id and i.position = page.last and page.bytes > ${PAGE_BYTES}
    )) as found, -1 as position, null::json as item
  from page where page.chat_id is not null
  union all
  select page.nth, null, i.position, i.item
  from page cross join lateral (
    select position, item from chat_items
    where user_id = $1 and chat_id = page.chat_id and position > page.after and position <= page.last
    order by position limit 2000
  ) as i
  where page.bytes <= ${PAGE_BYTES}`;

const AS_TEXT = readJson((text) => text);

/** What the next page has of each chat, in the order asked for. It begins with `place` in the first one. */
export async function selectPage(
  db: Queryable,
  userId: string,
  chatIds: readonly string[],
  place: Partial<Place> = {},
): Promise<Found[]> {
  const { after = -1, end, from = 1 } = place;
  const rows = await query<{ nth: string; found: string | null; position: string; item: string }>(db, {
    userId,
    name: 'get_conversations',
    text: SELECT_PAGE,
    values: [userId, chatIds, after, end ?? null, from],
    isLarge: true,
    types: AS_TEXT,
  });
  // The rows of a union have no order. A chat's own is its first: position -1.
  rows.sort((a, b) => Number(a.nth) - Number(b.nth) || Number(a.position) - Number(b.position));
  const chats: Found[] = [];
  for (const { found, item } of rows) {
    if (found === null) chats.at(-1)?.texts.push(item);
    else chats.push(readFound(found));
  }
  return chats;
}

function readFound(json: string): Found {
  const { chat: row, last, isWhole, piece } = JSON.parse(json);
  const { history, nextPosition, ...chat } = row;
  const dates = {
    createdAt: new Date(chat.createdAt),
    updatedAt: new Date(chat.updatedAt),
    expiresAt: chat.expiresAt && new Date(chat.expiresAt),
  };
  return { chat: { ...chat, ...dates }, history, nextPosition, last, isWhole, piece, texts: [] };
}
