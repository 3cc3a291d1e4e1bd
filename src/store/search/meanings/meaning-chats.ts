import { type Queryable, query } from '../../../driver/driver.ts';
import { CHANGED_FROM, type SweepPlace } from '../indexed-chats.ts';

/** A chat that is being embedded, by nobody else until `claim`. */
export interface ClaimedChat {
  /** Until when, in microseconds since 1970, as text: who has it says this. */
  readonly claim: string;
  /** Of the chat as it is read, in microseconds since 1970, as text. */
  readonly version: string;
  /** The model of the embeddings that are there. */
  readonly format: string;
  /** Items up to there are embedded. */
  readonly lastPosition: number;
  /** The first item that may have changed since; null: none. */
  readonly changedFrom: number | null;
}

const IS_BEHIND = `(s.chat_id is null or not s.is_complete or s.version <> c.updated_at or s.format <> $2)`;

/** The user's active chats of which something is left to embed and that nobody embeds, newest activity first. */
export async function getUnembeddedChats(
  db: Queryable,
  userId: string,
  format: string,
  limit: number,
): Promise<string[]> {
  const rows = await query<{ chatId: string }>(db, {
    userId,
    text: `select c.chat_id as "chatId"
      from chats c left join search_embedded s on s.user_id = $1 and s.chat_id = c.chat_id
      where c.user_id = $1 and c.is_active and ${IS_BEHIND} and (s.claimed_until < clock_timestamp()) is not false
      order by c.updated_minute desc, c.updated_at desc limit $3`,
    values: [userId, format, limit],
  });
  return rows.map(({ chatId }) => chatId);
}

/** Whose chats have something left to embed, of the next `limit` chats of all users behind a place. */
export async function findUnembeddedUsers(
  db: Queryable,
  after: SweepPlace,
  format: string,
  limit: number,
): Promise<string[]> {
  const rows = await query<{ userId: string }>(db, {
    userId: null,
    text: `select distinct c.user_id as "userId"
      from (select user_id, chat_id, is_active, updated_at from chats where (user_id, chat_id) > ($1, $3)
        order by user_id, chat_id limit $4) as c
      left join search_embedded s on s.user_id = c.user_id and s.chat_id = c.chat_id
      where c.is_active and ${IS_BEHIND}`,
    values: [after.userId, format, after.chatId, limit],
  });
  return rows.map(({ userId }) => userId);
}

/** Has a chat to itself for a while. Undefined: somebody else has it, or it is gone. */
export async function claimChat(
  db: Queryable,
  userId: string,
  chatId: string,
  ms: number,
): Promise<ClaimedChat | undefined> {
  const claimed = await query(db, {
    userId,
    text: `insert into search_embedded as s
        (user_id, chat_id, format, version, last_position, is_complete, claimed_until)
      select user_id, chat_id, '', '-infinity', -1, false, clock_timestamp() + $3 * interval '1 millisecond'
        from chats where user_id = $1 and chat_id = $2
      on conflict (user_id, chat_id) do update set claimed_until = excluded.claimed_until
        where s.claimed_until < clock_timestamp()
      returning s.chat_id`,
    values: [userId, chatId, ms],
  });
  if (claimed.length === 0) return undefined;
  const [row] = await query<ClaimedChat>(db, {
    userId,
    text: `select (extract(epoch from s.claimed_until - to_timestamp(0)) * 1000000)::bigint::text as claim,
        (extract(epoch from c.updated_at - to_timestamp(0)) * 1000000)::bigint::text as version,
        s.format, s.last_position::float8 as "lastPosition",
        ${CHANGED_FROM}
      from search_embedded s join chats c on c.user_id = $1 and c.chat_id = s.chat_id
      where s.user_id = $1 and s.chat_id = $2`,
    values: [userId, chatId],
  });
  return row;
}

/** How far a chat is embedded now. */
export interface MeaningState {
  readonly format: string;
  readonly version: string;
  readonly lastPosition: number;
  readonly isComplete: boolean;
}

/** Says how far a chat is embedded, and lets go of it. @returns false when somebody else has it by now. */
export async function setMeaningState(
  tx: Queryable,
  userId: string,
  chatId: string,
  claim: string,
  { format, version, lastPosition, isComplete }: MeaningState,
): Promise<boolean> {
  const rows = await query(tx, {
    userId,
    text: `update search_embedded set format = $4, version = to_timestamp(0) + $5::bigint * interval '1 microsecond',
        last_position = $6, is_complete = $7, claimed_until = '-infinity'
      where user_id = $1 and chat_id = $2
        and claimed_until = to_timestamp(0) + $3::bigint * interval '1 microsecond' returning chat_id`,
    values: [userId, chatId, claim, format, version, lastPosition, isComplete],
  });
  return rows.length > 0;
}

/** Lets go of a chat, of which no more is embedded than before. */
export async function releaseChat(
  db: Queryable,
  userId: string,
  chatId: string,
  claim: string,
): Promise<void> {
  await query(db, {
    userId,
    text: `update search_embedded set claimed_until = '-infinity' where user_id = $1 and chat_id = $2
      and claimed_until = to_timestamp(0) + $3::bigint * interval '1 microsecond'`,
    values: [userId, chatId, claim],
  });
}
