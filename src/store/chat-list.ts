import { type Queryable, query } from '../db/database.ts';
import { invalidField } from '../errors.ts';
import { assertId } from '../ids.ts';
import { CHAT_COLUMNS, type Chat } from './chats.ts';

/** The largest page of a list. */
export const MAX_PAGE = 100;

/** A place in a user's list: the chat after which to go on. */
export type ChatCursor = Pick<Chat, 'version' | 'chatId'>;

export interface ListOptions {
  /** Chats to pass over; prefer `after`, which costs the same at any depth. */
  readonly skip?: number;
  /** 1 to 100 (the default). */
  readonly limit?: number;
  /** Leave soft-deleted chats out (the default). */
  readonly activeOnly?: boolean;
  /** Only chats that come after this one in the list. */
  readonly after?: ChatCursor | undefined;
}

/** A user's chats, newest activity first. */
export async function getUserChats(
  db: Queryable,
  userId: string,
  options: ListOptions = {},
): Promise<Chat[]> {
  return selectChats(db, userId, options, 0);
}

/** As `getUserChats`, and whether there are more: one statement. */
export async function getChatPage(
  db: Queryable,
  userId: string,
  options: ListOptions = {},
): Promise<{ readonly chats: Chat[]; readonly hasMore: boolean }> {
  const { limit = MAX_PAGE } = options;
  const found = await selectChats(db, userId, options, 1);
  return { chats: found.slice(0, limit), hasMore: found.length > limit };
}

/** @param beyond so many more than the limit. */
async function selectChats(
  db: Queryable,
  userId: string,
  options: ListOptions,
  beyond: number,
): Promise<Chat[]> {
  const { skip = 0, limit = MAX_PAGE, activeOnly = true, after } = options;
  assertId('user_id', userId);
  if (!Number.isSafeInteger(skip) || skip < 0) throw invalidField('skip', 'must be a whole number from 0');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_PAGE}`);
  }
  if (after !== undefined) assertCursor(after);
  return query<Chat>(db, {
    // A name for each text: a `pg` client refuses one name for two.
    name: `get_user_chats${activeOnly ? '_active' : ''}${after ? '_after' : ''}`,
    // Written out, not a parameter: the partial index serves only a query that says `is_active`.
    text: `select ${CHAT_COLUMNS} from chats
      where user_id = $1 ${activeOnly ? 'and is_active' : ''}
        ${after ? `and (updated_at, chat_id) < (to_timestamp(0) + $4::bigint * interval '1 microsecond', $5)` : ''}
      order by chats.updated_at desc, chats.chat_id desc limit $2 offset $3`,
    values: [userId, limit + beyond, skip, ...(after ? [after.version, after.chatId] : [])],
  });
}

/** It usually comes back from outside, and PostgreSQL would call a wrong one a failure of the database. */
function assertCursor({ version, chatId }: ChatCursor): void {
  if (!/^\d{1,17}$/.test(version)) throw invalidField('after', 'must be a chat of the list');
  assertId('after', chatId);
}
