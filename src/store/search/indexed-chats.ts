import { type Queryable, query } from '../../driver/driver.ts';

/** A chat that has something left to index. */
export interface BehindChat {
  readonly userId: string;
  readonly chatId: string;
}

/** What is known of a chat, and how far it has been indexed, while its row of `search_chats` is locked. */
export interface ChatIndex {
  readonly title: string | null;
  readonly createdAt: Date;
  /** Of the chat as it is read, in microseconds since 1970, as text. */
  readonly version: string;
  readonly format: string;
  /** Items up to there are indexed. */
  readonly lastPosition: number;
  /** The first item that may have changed since; null: none. */
  readonly changedFrom: number | null;
}

/**
 * The first item of the chat `c` that may have changed since `s` was made of it. `rewritten_from` is of all changes that follow
 * each other within a minute: where the last of them came less than a minute after that, it is of all since then.
 */
export const CHANGED_FROM = `case when c.rewritten_at > s.version then
          case when c.rewritten_at < s.version + interval '50 seconds' then c.rewritten_from else 0 end
        end::float8 as "changedFrom"`;

const HAS_CHANGED = 's.chat_id is null or not s.is_complete or s.version <> c.updated_at';
/** One with more stems than these has what is asked for. */
const LACKS_FORMAT = `s.format <> $2 and not string_to_array(s.format, '+') @> string_to_array($2, '+')`;

/** The user's active chats of which something is left to index, newest activity first. */
export async function getBehindChats(
  db: Queryable,
  userId: string,
  format: string,
  limit: number,
): Promise<BehindChat[]> {
  return query<BehindChat>(db, {
    userId,
    name: 'get_behind_chats',
    text: `select c.user_id as "userId", c.chat_id as "chatId"
      from chats c left join search_chats s on s.user_id = $1 and s.chat_id = c.chat_id
      where c.user_id = $1 and c.is_active and (${HAS_CHANGED} or ${LACKS_FORMAT})
      order by c.updated_minute desc, c.updated_at desc limit $3`,
    values: [userId, format, limit],
  });
}

/** A place on the way through all chats. */
export interface SweepPlace {
  readonly userId: string;
  readonly chatId: string;
}

/** What is left to index among some chats. */
export interface BehindUsers {
  /** Whose chats. */
  readonly users: readonly string[];
  /** Where to go on; undefined: there are no more chats. */
  readonly next: SweepPlace | undefined;
}

/**
 * Which users have something left to index, of the next `limit` chats of all users behind a place.
 *
 * @param way what the format of each chat is to have, whoever its user is.
 */
export async function findBehindUsers(
  db: Queryable,
  after: SweepPlace,
  limit: number,
  way: readonly string[],
): Promise<BehindUsers> {
  const rows = await query<SweepPlace & { readonly isBehind: boolean }>(db, {
    userId: null,
    text: `select c.user_id as "userId", c.chat_id as "chatId",
        c.is_active and (${HAS_CHANGED}
          or not string_to_array(split_part(s.format, '.', 2), '+') @> $4::text[]) as "isBehind"
      from (select user_id, chat_id, is_active, updated_at from chats where (user_id, chat_id) > ($1, $2)
        order by user_id, chat_id limit $3) as c
      left join search_chats s on s.user_id = c.user_id and s.chat_id = c.chat_id
      order by c.user_id, c.chat_id`,
    values: [after.userId, after.chatId, limit, way],
  });
  const users = new Set(rows.filter(({ isBehind }) => isBehind).map(({ userId }) => userId));
  return { users: [...users], next: rows.length < limit ? undefined : rows.at(-1) };
}

/**
 * Locks the index of a chat, which is made when it is not there. It waits for nobody.
 *
 * @returns undefined when there is no such chat, or somebody else indexes or changes it.
 */
export async function lockIndex(
  tx: Queryable,
  userId: string,
  chatId: string,
): Promise<ChatIndex | undefined> {
  const locked = await selectIndex(tx, userId, chatId);
  if (locked !== undefined) return locked;
  // In this transaction the row is locked by having been made.
  const made = await query(tx, {
    userId,
    name: 'make_chat_index',
    text: `insert into search_chats (user_id, chat_id, format, version, last_position, is_complete)
      select user_id, chat_id, '', updated_at, -1, false from chats where user_id = $1 and chat_id = $2
      for key share skip locked
      on conflict do nothing returning chat_id`,
    values: [userId, chatId],
  });
  return made.length === 0 ? undefined : selectIndex(tx, userId, chatId);
}

async function selectIndex(tx: Queryable, userId: string, chatId: string): Promise<ChatIndex | undefined> {
  const rows = await query<ChatIndex>(tx, {
    userId,
    name: 'lock_chat_index',
    text: `select c.title, c.created_at as "createdAt",
        (extract(epoch from c.updated_at - to_timestamp(0)) * 1000000)::bigint::text as version,
        s.format, s.last_position::float8 as "lastPosition",
        ${CHANGED_FROM}
      from search_chats s join chats c on c.user_id = $1 and c.chat_id = s.chat_id
      where s.user_id = $1 and s.chat_id = $2 for update of s skip locked`,
    values: [userId, chatId],
  });
  return rows[0];
}

/** How far a chat is indexed now. */
export interface IndexState {
  readonly format: string;
  readonly version: string;
  readonly lastPosition: number;
  readonly isComplete: boolean;
}

/** Says how far a chat is indexed whose index is locked. */
export async function setIndexState(
  tx: Queryable,
  userId: string,
  chatId: string,
  { format, version, lastPosition, isComplete }: IndexState,
): Promise<void> {
  await query(tx, {
    userId,
    name: 'set_index_state',
    text: `update search_chats set format = $3, version = to_timestamp(0) + $4::bigint * interval '1 microsecond',
        last_position = $5, is_complete = $6
      where user_id = $1 and chat_id = $2`,
    values: [userId, chatId, format, version, lastPosition, isComplete],
  });
}
