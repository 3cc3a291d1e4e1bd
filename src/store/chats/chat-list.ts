import { type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId, assertText } from '../../ids.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';
import { CHAT_COLUMNS, type Chat } from './chats.ts';

/** The largest page of a list. */
export const MAX_PAGE = 100;

/** A place in a user's list: the chat after which to go on. */
export type ChatCursor = Pick<Chat, 'version' | 'chatId'>;

/** Which of a user's chats. */
export interface ChatFilter {
  /** Leave soft-deleted chats out (the default). */
  readonly activeOnly?: boolean | undefined;
  /** Only soft-deleted chats, whatever `activeOnly` says. */
  readonly deletedOnly?: boolean | undefined;
  /** Only chats whose title contains this, in any case. */
  readonly titleContains?: string | undefined;
}

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

/** Behind the chat $5 of version $4. The index of the list has no finer time than the minute. */
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
    name: `get_user_chats${filter.name}${after ? '_after' : ''}`,
    text: `select ${CHAT_COLUMNS} from chats
      where user_id = $1 ${filter.text}
        ${after ? AFTER_CURSOR : ''}
      order by chats.updated_minute desc, chats.updated_at desc, chats.chat_id desc limit $2 offset $3`,
    values: [userId, limit + beyond, skip, ...(after ? [after.version, after.chatId] : []), ...filter.values],
  });
}

/** How many chats a filter lets through, counted one by one. */
export async function countChats(db: Queryable, userId: string, options: ChatFilter): Promise<number> {
  const filter = toCondition(options, 2);
  const rows = await query<{ count: number }>(db, {
    userId,
    name: `count_chats${filter.name}`,
    text: `select count(*)::int as count from chats where user_id = $1 ${filter.text}`,
    values: [userId, ...filter.values],
  });
  return rows[0]?.count ?? 0;
}

/**
 * A filter as SQL. Flags are written out: the partial index serves only a query that says `is_active`.
 *
 * @param parameter the number of the first parameter that the condition may use.
 */
function toCondition(
  { activeOnly = true, deletedOnly = false, titleContains }: ChatFilter,
  parameter: number,
): { readonly name: string; readonly text: string; readonly values: readonly string[] } {
  const state = deletedOnly ? 'and not is_active' : activeOnly ? 'and is_active' : '';
  const name = deletedOnly ? '_deleted' : activeOnly ? '_active' : '';
  if (titleContains === undefined) return { name, text: state, values: [] };
  assertText('q', titleContains);
  const [from, to] = toCaseTable(titleContains);
  const fold = (text: string) =>
    from === ''
      ? `lower(${text} collate "C")`
      : `lower(translate(${text}, $${parameter + 1}, $${parameter + 2}) collate "C")`;
  return {
    name: `${name}_titled${from === '' ? '' : '_beyond_ascii'}`,
    text: `${state} and strpos(${fold('title')}, ${fold(`$${parameter}::text`)}) > 0`,
    values: from === '' ? [titleContains] : [titleContains, from, to],
  };
}

/**
 * The letters of a text that are not ASCII, in both cases, and their lower case. ASCII is left to `lower` in collation C:
 * a locale may know fewer letters (C) or have other pairs (a Turkish I).
 */
function toCaseTable(text: string): readonly [from: string, to: string] {
  const table = new Map<string, string>();
  for (const letter of text.match(/[^\0-\x7f]/gu) ?? []) {
    const upper = letter.toUpperCase();
    const lower = upper.toLowerCase();
    // PostgreSQL's translate takes one character for one.
    if ([...upper].length > 1 || [...lower].length > 1) continue;
    for (const form of [letter, upper]) if (form !== lower) table.set(form, lower);
  }
  return [[...table.keys()].join(''), [...table.values()].join('')];
}

/** It usually comes back from outside, and PostgreSQL would call a wrong one a failure of the database. */
function assertCursor({ version, chatId }: ChatCursor): void {
  if (!/^\d{1,17}$/.test(version)) throw invalidField('after', 'must be a chat of the list');
  assertId('after', chatId);
}
