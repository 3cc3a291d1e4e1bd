import { type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';
import { type ChatFilter, toCondition } from './chat-filter.ts';
import { CHAT_COLUMNS, type Chat } from './chats.ts';

/** The largest page of a list. */
export const MAX_PAGE = 100;

/** A place in a user's list: the chat after which to go on. */
export type ChatCursor = Pick<Chat, 'activity' | 'chatId'>;

/** Which page of a user's chats. */
export interface ListOptions extends ChatFilter {
  /** Chats to pass over, counted from `after` where there is one; prefer that, which costs the same at any depth. */
  readonly skip?: number;
  /** 1 to 100 (the default). */
  readonly limit?: number;
  /** Only chats that come after this one in the list. */
  readonly after?: ChatCursor | undefined;
}

const OPTIONS: Checks<ListOptions> = {
  activeOnly: isAnything,
  deletedOnly: isAnything,
  archived: isAnything,
  pinned: isAnything,
  tags: isAnything,
  metadata: isAnything,
  titleContains: isAnything,
  skip: isAnything,
  limit: isAnything,
  after: isAnything,
};

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

/** Behind the chat $5, which was last active at $4. The index of the list has no finer time than the minute. */
const AFTER_CURSOR = `and updated_minute <= date_bin('1 minute',
    to_timestamp(0) + $4::bigint * interval '1 microsecond', timestamptz '1970-01-01 00:00:00+00')
  and (updated_at, chat_id) < (to_timestamp(0) + $4::bigint * interval '1 microsecond', $5)`;

/** @param beyond so many more than the limit. */
async function selectChats(
  db: Queryable,
  userId: string,
  options: ListOptions,
  beyond: number,
): Promise<Chat[]> {
  checkOptions(options, OPTIONS);
  const { skip = 0, limit = MAX_PAGE, after } = options;
  assertId('user_id', userId);
  if (!Number.isSafeInteger(skip) || skip < 0) throw invalidField('skip', 'must be a whole number from 0');
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_PAGE}`);
  }
  if (after !== undefined) assertCursor(after);
  const filter = toCondition(options, after ? 6 : 4);
  return query<Chat>(db, {
    userId,
    // A name for each text: a `pg` client refuses one name for two.
    ...(filter.name === undefined ? {} : { name: `get_user_chats_${filter.name}${after ? '_after' : ''}` }),
    text: `select ${CHAT_COLUMNS} from chats
      where user_id = $1 ${filter.text}
        ${after ? AFTER_CURSOR : ''}
      order by chats.updated_minute desc, chats.updated_at desc, chats.chat_id desc limit $2 offset $3`,
    values: [
      userId,
      limit + beyond,
      skip,
      ...(after ? [after.activity, after.chatId] : []),
      ...filter.values,
    ],
  });
}

/** It usually comes back from outside, and PostgreSQL would call a wrong one a failure of the database. */
function assertCursor({ activity, chatId }: ChatCursor): void {
  if (!/^\d{1,17}$/.test(activity)) throw invalidField('after', 'must be a chat of the list');
  assertId('after', chatId);
}
