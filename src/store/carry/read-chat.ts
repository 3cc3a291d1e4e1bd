import { type Queryable, query } from '../../driver/driver.ts';
import { HISTORY } from '../chats/conversation-page.ts';
import { PAGE_BYTES, withPage } from '../items/item-page.ts';
import { type ChatColumn, timeText } from './chat-columns.ts';

/** A place in the list of a user's chats, oldest first. */
export interface ChatPlace {
  readonly createdAt: string;
  readonly chatId: string;
}

const CHATS_AT_ONCE = 100;
const ITEMS_AT_ONCE = 1_000;

/** The next chats of a user after a place, oldest first, soft-deleted ones too. */
export function getNextChats(
  db: Queryable,
  userId: string,
  after: ChatPlace | undefined,
): Promise<ChatPlace[]> {
  return query<ChatPlace>(db, {
    userId,
    name: 'get_next_chats',
    text: `select ${timeText('created_at')} as "createdAt", chat_id as "chatId" from chats
      where user_id = $1 and created_at >= $2::text::timestamptz
        and (created_at > $2::text::timestamptz or chat_id collate "C" > $3)
      order by created_at, chat_id collate "C" limit ${CHATS_AT_ONCE}`,
    values: [userId, after?.createdAt ?? '-infinity', after?.chatId ?? ''],
  });
}

/** A chat as it is when its export begins. */
export interface ChatHead {
  /** Its columns, each as JSON. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** Changes with everything that happens to the history but an append. */
  readonly history: string;
  /** What is appended later stands there or behind. */
  readonly nextPosition: number;
}

/** The row of a chat of this user. */
export async function getChatHead(
  db: Queryable,
  userId: string,
  chatId: string,
  columns: readonly ChatColumn[],
): Promise<ChatHead | undefined> {
  const rows = await query<Record<string, string | null>>(db, {
    userId,
    text: `select ${columns.map(selectColumn).join(', ')}, ${HISTORY} as "$history" from chats
      where user_id = $1 and chat_id = $2`,
    values: [userId, chatId],
  });
  if (rows[0] === undefined) return undefined;
  const { $history, ...found } = rows[0];
  return { columns: found, history: String($history), nextPosition: Number(found.next_position) };
}

function selectColumn({ name, type }: ChatColumn): string {
  const text = type.startsWith('timestamp') ? `to_json(${timeText(name)})` : `to_json(${name})`;
  return `${text}::text as ${name}`;
}

/** What `ChatHead.history` is now; undefined: the chat is gone. */
export async function getHistoryMark(
  db: Queryable,
  userId: string,
  chatId: string,
): Promise<string | undefined> {
  const rows = await query<{ history: string }>(db, {
    userId,
    name: 'get_history_mark',
    text: `select ${HISTORY} as history from chats where user_id = $1 and chat_id = $2`,
    values: [userId, chatId],
  });
  return rows[0]?.history;
}

/** An item of a chat and all that stands beside it, as text. */
export interface CarriedItem {
  readonly position: number;
  /** Null where the item alone is larger than a page. */
  readonly text: string | null;
  readonly createdAt: string;
  readonly runId: string | null;
  readonly isBlocked: boolean;
  readonly feedback: string | null;
  readonly hasMore: boolean;
}

/** An item that is not in the history any more. */
export interface CarriedArchivedItem extends CarriedItem {
  readonly archivedAt: string;
  readonly alternativeId: number | null;
}

const itemsOf = (source: 'chat_items' | 'archived_items') =>
  `${source} i where i.chat_id = $1 and i.user_id = $2`;

const COLUMNS = `i.position::float8 as position, case when page.bytes <= ${PAGE_BYTES} then i.item::text end as text,
    ${timeText('i.created_at')} as "createdAt", i.run_id as "runId", i.is_blocked as "isBlocked",
    i.feedback::text as feedback, page.has_more as "hasMore"`;

/** The next items of a chat after a position and before another one: a megabyte, or one item. */
export function getNextItems(
  db: Queryable,
  userId: string,
  chatId: string,
  { after, before }: { readonly after: number; readonly before: number },
): Promise<CarriedItem[]> {
  return query<CarriedItem>(db, {
    userId,
    name: 'get_next_items',
    text: `${withPage(itemsOf('chat_items'), true)}
      select ${COLUMNS} from page, ${itemsOf('chat_items')} and i.position > $3 and i.position <= page.last
      order by i.position`,
    values: [chatId, userId, after, before, ITEMS_AT_ONCE],
    isLarge: true,
  });
}

/** As `getNextItems`, of the archive. */
export function getNextArchivedItems(
  db: Queryable,
  userId: string,
  chatId: string,
  { after, before }: { readonly after: number; readonly before: number },
): Promise<CarriedArchivedItem[]> {
  return query<CarriedArchivedItem>(db, {
    userId,
    name: 'get_next_archived_items',
    text: `${withPage(itemsOf('archived_items'), true)}
      select ${COLUMNS}, ${timeText('i.archived_at')} as "archivedAt", i.alternative_id::float8 as "alternativeId"
      from page, ${itemsOf('archived_items')} and i.position > $3 and i.position <= page.last
      order by i.position`,
    values: [chatId, userId, after, before, ITEMS_AT_ONCE],
    isLarge: true,
  });
}

/** One of the ways in which a history, or an alternative of it, goes on from a point. */
export interface CarriedAlternative {
  readonly alternativeId: number;
  readonly afterPosition: number;
  readonly inside: number | null;
  readonly isCurrent: boolean;
  readonly createdAt: string;
}

/** The next alternatives of a chat after an id. */
export function getNextAlternatives(
  db: Queryable,
  userId: string,
  chatId: string,
  after: number,
): Promise<CarriedAlternative[]> {
  return query<CarriedAlternative>(db, {
    userId,
    name: 'get_next_alternatives',
    text: `select alternative_id::float8 as "alternativeId", after_position::float8 as "afterPosition",
        inside::float8 as inside, is_current as "isCurrent", ${timeText('created_at')} as "createdAt"
      from alternatives where chat_id = $1 and user_id = $2 and alternative_id > $3
      order by alternative_id limit ${ITEMS_AT_ONCE}`,
    values: [chatId, userId, after],
  });
}
