import { type Queryable, query, readJson } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import type { EncodedItems } from '../items/item-json.ts';
import { PAGE_BYTES } from '../items/read-items.ts';
import { CHAT_COLUMNS, type Chat } from './chats.ts';

/** A larger item is read in pieces. */
const PIECE_CHARACTERS = 1_000_000;

/** A part of one conversation: all parts of a chat, one after the other, are its items. */
export interface ConversationPart {
  readonly chat: Chat;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** JSON texts with commas between them. An item that is larger than a page is in several parts. */
  readonly items: string;
}

/** What is read at once. */
export interface ConversationPage {
  readonly parts: readonly ConversationPart[];
  readonly isLast: boolean;
}

/** Where to go on in a conversation of which something was read. */
interface Place {
  /** What `HISTORY` was when it began. */
  readonly history: string;
  /** It ends before this position, that of the next item when it began. */
  readonly end: number;
  readonly after: number;
  /** The first character of the next item, from 1. */
  readonly from: number;
}

/** What a page has of a chat. */
interface Found {
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
const HISTORY = `concat_ws(' ', chat_id, extract(epoch from created_at), extract(epoch from rewritten_at))`;

/**
 * $1 user_id, $2 chat_ids; in the first one: $3 position after which, $4 before which (null: to its end), $5 character.
 *
 * Goes from chat to chat until the page is full: looks at the sizes of the next thousand items as they are stored, and
 * unpacks what is compressed as far as a page can reach. Each item counts for a hundred bytes more than it has.
 */
const SELECT_PAGE = `
  with recursive page as (
      select 0 as nth, null::chats as chat, null::bigint as after, null::bigint as last, 0::bigint as bytes,
        true as is_whole
    union all
      select page.nth + 1, c.chat, c.after, next.last, page.bytes + coalesce(next.bytes, 0), next.is_whole
      from page
      left join lateral (
        select chats as chat, chat_id, user_id, case page.nth when 0 then $3::bigint else -1 end as after,
          least(next_position, case page.nth when 0 then $4::bigint end) as before
        from chats where chat_id = ($2::text[])[page.nth + 1] and user_id = $1
      ) as c on true
      cross join lateral (
        select max(position) filter (where fits) as last, max(bytes) filter (where fits) as bytes,
          coalesce(bool_and(page.bytes + bytes <= ${PAGE_BYTES}), true) and count(*) < 1000 as is_whole
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
                select position, user_id, pg_column_size(item) as size,
                  case when pg_column_compression(item) is not null then item end as packed
                from chat_items where chat_id = c.chat_id and position > c.after and position < c.before
                order by position limit 1000
              ) as i where i.user_id = c.user_id
            ) as measured
            window items as (order by position rows unbounded preceding)
          ) as summed
        ) as fitting
      ) as next
      where page.is_whole and page.nth < cardinality($2::text[])
  )
  select page.nth, to_json(found) as found, -1 as position, null::json as item
  from page cross join lateral (
    select ${CHAT_COLUMNS}, ${HISTORY} as history, next_position as "nextPosition", page.last as last,
      page.is_whole as "isWhole", (
        select substr(i.item::text, $5, ${PIECE_CHARACTERS}) from chat_items i
        where i.chat_id = c.chat_id and i.user_id = c.user_id and i.position = page.last and page.bytes > ${PAGE_BYTES}
      ) as piece
    from (select (page.chat).*) as c
  ) as found
  where (page.chat).chat_id is not null
  union all
  select page.nth, null, i.position, i.item
  from page join chat_items i on i.chat_id = (page.chat).chat_id and i.user_id = $1
    and i.position > page.after and i.position <= page.last
  where page.bytes <= ${PAGE_BYTES}`;

const AS_TEXT = readJson((text) => text);

/**
 * The conversations of a user's chats in pages of a megabyte, each one statement when it is asked for. Chats that are not
 * there are left out. A conversation is as it was when its first part was read, whatever is appended meanwhile.
 *
 * @throws QuestlogError `history_conflict` when a conversation was changed or removed between two of its parts.
 */
export async function* readConversations(
  db: Queryable,
  userId: string,
  chatIds: readonly string[],
): AsyncGenerator<ConversationPage, undefined> {
  let left = chatIds;
  let place: Place | undefined;
  while (left.length > 0) {
    const page = await selectPage(db, userId, left, place);
    if (place !== undefined && page[0]?.history !== place.history) throw changedMeanwhile();
    const parts: ConversationPart[] = [];
    left = [];
    for (const found of page) {
      const next = advance(found, place);
      if (next !== undefined) left = chatIds.slice(chatIds.indexOf(found.chat.chatId));
      // A chat that had no room in this page begins with the next one.
      if (found.isWhole || found.last !== null) parts.push(toPart(found, place, next === undefined));
      place = found.last === null ? undefined : next;
    }
    yield { parts, isLast: left.length === 0 };
  }
}

/** A chat whose conversation is being read. */
export interface OpenConversation {
  readonly chat: Chat;
  readonly pages: AsyncIterable<ConversationPage>;
}

/** As `readConversations`, of one chat, whose first page is read. Undefined when this user has no such chat. */
export async function openConversation(
  db: Queryable,
  userId: string,
  chatId: string,
): Promise<OpenConversation | undefined> {
  const rest = readConversations(db, userId, [chatId]);
  const { value: first } = await rest.next();
  const chat = first?.parts[0]?.chat;
  return first && chat && { chat, pages: prepend(first, rest) };
}

/** A conversation of these items, which a page has room for. */
export function toConversation(chat: Chat, { texts }: EncodedItems): OpenConversation {
  const part = { chat, isFirst: true, isLast: true, items: texts.join(',') };
  return { chat, pages: prepend({ parts: [part], isLast: true }) };
}

async function* prepend(
  first: ConversationPage,
  rest?: AsyncIterable<ConversationPage>,
): AsyncGenerator<ConversationPage> {
  yield first;
  if (rest !== undefined) yield* rest;
}

/**
 * The JSON text of an item that is larger than a page, in pieces of it.
 *
 * @throws QuestlogError `history_conflict` when it is not there, or its history was changed between two pieces.
 */
export async function* readLargeItem(
  db: Queryable,
  userId: string,
  chatId: string,
  position: number,
): AsyncGenerator<string, undefined> {
  let history: string | undefined;
  for (let from = 1; ; from += PIECE_CHARACTERS) {
    const place = { after: position - 1, end: position + 1, from };
    const [found] = await selectPage(db, userId, [chatId], place);
    history ??= found?.history;
    if (!found?.piece || found.history !== history) throw changedMeanwhile();
    yield found.piece;
    if (found.piece.length < PIECE_CHARACTERS) return;
  }
}

/** Where to go on in a chat of which this was found. Undefined: that was the rest. */
function advance(found: Found, place: Place | undefined): Place | undefined {
  const { history, end, after, from } = place ?? toStart(found);
  if (found.piece !== null && found.piece.length >= PIECE_CHARACTERS)
    return { history, end, after, from: from + PIECE_CHARACTERS };
  return found.isWhole ? undefined : { history, end, after: found.last ?? after, from: 1 };
}

function toStart({ history, nextPosition }: Found): Place {
  return { history, end: nextPosition, after: -1, from: 1 };
}

function toPart({ chat, piece, texts }: Found, place: Place | undefined, isLast: boolean): ConversationPart {
  const items = piece ?? texts.join(',');
  const separator = place?.from === 1 && items !== '' ? ',' : '';
  return { chat, isFirst: place === undefined, isLast, items: separator + items };
}

async function selectPage(
  db: Queryable,
  userId: string,
  chatIds: readonly string[],
  { after = -1, end, from = 1 }: Partial<Place> = {},
): Promise<Found[]> {
  const rows = await query<{ nth: string; found: string | null; position: string; item: string }>(db, {
    userId,
    name: 'get_conversations',
    text: SELECT_PAGE,
    values: [userId, chatIds, after, end ?? null, from],
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
  const { history, nextPosition, last, isWhole, piece, ...chat } = JSON.parse(json);
  const dates = { createdAt: new Date(chat.createdAt), updatedAt: new Date(chat.updatedAt) };
  return { chat: { ...chat, ...dates }, history, nextPosition, last, isWhole, piece, texts: [] };
}

function changedMeanwhile(): QuestlogError {
  return new QuestlogError(
    'history_conflict',
    'the conversation was changed while it was read: read it again',
  );
}
