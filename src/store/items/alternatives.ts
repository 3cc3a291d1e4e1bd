import { type Queryable, query } from '../../driver/driver.ts';
import { type LockedChat, moveNextPosition } from './locked-chat.ts';
import { settlePoints } from './points.ts';

/** Positions of a chat, both included. */
export interface PositionRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Sets aside what a locked chat has from `from` on: the history ends before it, and what is written next is another
 * alternative to it. Nothing happens when no item of the range is in the history, so a repetition changes nothing more. What
 * others have written behind the range meanwhile goes along: it goes on from what stands in it, and is kept with it.
 */
export async function setAside(tx: Queryable, chat: LockedChat, range: PositionRange): Promise<void> {
  await settlePoints(tx, chat);
  const after = await findPoint(tx, chat, range);
  if (after === undefined) return;
  await archiveTail(tx, chat, after);
  await query(tx, {
    userId: chat.userId,
    text: `insert into alternatives (user_id, chat_id, alternative_id, after_position, is_current)
      values ($2, $1, $3, $4, true)`,
    values: [chat.chatId, chat.userId, chat.nextPosition, after],
  });
  // Its id is a position that no item gets.
  await moveNextPosition(tx, chat, 1);
}

/**
 * Makes an alternative of the history of a locked chat the current one: what stands behind its point is set aside, and its
 * items are the end of the history, at new positions. All else about them stays as it was.
 *
 * @returns false when no point of the history has such an alternative.
 */
export async function selectAlternative(
  tx: Queryable,
  chat: LockedChat,
  alternativeId: number,
): Promise<boolean> {
  await settlePoints(tx, chat);
  const [found] = await query<{ after: number; isCurrent: boolean }>(tx, {
    userId: chat.userId,
    text: `select after_position::float8 as after, is_current as "isCurrent" from alternatives
      where chat_id = $1 and user_id = $2 and alternative_id = $3 and inside is null`,
    values: [chat.chatId, chat.userId, alternativeId],
  });
  if (found === undefined || found.isCurrent) return found !== undefined;
  await archiveTail(tx, chat, found.after);
  await restoreTail(tx, chat, alternativeId, found.after);
  return true;
}

/** The point before the first position of a range; undefined: the history has nothing of the range. */
async function findPoint(tx: Queryable, chat: LockedChat, range: PositionRange): Promise<number | undefined> {
  const [found] = await query<{ after: number }>(tx, {
    userId: chat.userId,
    text: `select coalesce((
        select max(position) from chat_items where chat_id = $1 and user_id = $2 and position < $3), -1)::float8 as after
      where exists (select from chat_items where chat_id = $1 and user_id = $2 and position between $3 and $4)`,
    values: [chat.chatId, chat.userId, range.from, range.to],
  });
  return found?.after;
}

/**
 * Archives what stands behind a point as its current alternative, with the points in it. One that has nothing, since it
 * was begun and never written, is gone.
 */
async function archiveTail(tx: Queryable, { chatId, userId }: LockedChat, after: number): Promise<void> {
  const values = [chatId, userId, after];
  await query(tx, {
    userId,
    text: `insert into alternatives (user_id, chat_id, alternative_id, after_position, is_current, created_at)
      select user_id, chat_id, position, $3, true, created_at from chat_items i
      where chat_id = $1 and user_id = $2 and position > $3 and not exists (
        select from alternatives a
        where a.chat_id = $1 and a.user_id = $2 and a.inside is null and a.is_current and a.after_position = $3)
      order by position limit 1`,
    values,
  });
  await query(tx, {
    userId,
    text: `with moved as (
        delete from chat_items where chat_id = $1 and user_id = $2 and position > $3
        returning chat_id, position, user_id, item, run_id, created_at, is_blocked, feedback
      )
      insert into archived_items (chat_id, position, user_id, item, run_id, created_at, is_blocked, feedback, alternative_id)
      select moved.*, a.alternative_id from moved join alternatives a on a.chat_id = $1 and a.user_id = $2
        and a.inside is null and a.is_current and a.after_position = $3`,
    values,
  });
  await query(tx, {
    userId,
    text: `update alternatives p set inside = a.alternative_id from alternatives a
      where a.chat_id = $1 and a.user_id = $2 and a.inside is null and a.is_current and a.after_position = $3
        and p.chat_id = $1 and p.user_id = $2 and p.inside is null and p.after_position > $3`,
    values,
  });
  await query(tx, {
    userId,
    text: `delete from alternatives a
      where a.chat_id = $1 and a.user_id = $2 and a.inside is null and a.is_current and a.after_position = $3
        and not exists (select from archived_items i
          where i.chat_id = $1 and i.user_id = $2 and i.alternative_id = a.alternative_id)`,
    values,
  });
  await query(tx, {
    userId,
    text: `update alternatives set is_current = false
      where chat_id = $1 and user_id = $2 and inside is null and is_current and after_position = $3`,
    values,
  });
}

/** Puts the items of an alternative, and the points in it, behind all that the locked chat ever had. */
async function restoreTail(
  tx: Queryable,
  { chatId, userId, nextPosition }: LockedChat,
  alternativeId: number,
  after: number,
): Promise<void> {
  const [places] = await query<{ first: number; last: number }>(tx, {
    userId,
    text: `select min(position)::float8 as first, max(position)::float8 as last from archived_items
      where chat_id = $1 and user_id = $2 and alternative_id = $3`,
    values: [chatId, userId, alternativeId],
  });
  const { first, last } = places as { first: number; last: number };
  const values = [chatId, userId, alternativeId, nextPosition - first];
  await query(tx, {
    userId,
    text: `with moved as (
        delete from archived_items where chat_id = $1 and user_id = $2 and alternative_id = $3
        returning chat_id, position + $4, user_id, item, run_id, created_at, is_blocked, feedback
      )
      insert into chat_items (chat_id, position, user_id, item, run_id, created_at, is_blocked, feedback)
      select * from moved`,
    values,
  });
  await query(tx, {
    userId,
    text: `update alternatives set inside = null, after_position = after_position + $4
      where chat_id = $1 and user_id = $2 and inside = $3`,
    values,
  });
  await query(tx, {
    userId,
    text: `update alternatives set is_current = true
      where chat_id = $1 and user_id = $2 and alternative_id = $3`,
    values: [chatId, userId, alternativeId],
  });
  await noteRewrite(tx, { chatId, userId }, { from: after + 1, taken: last - first + 1 });
}

/** As the trigger of `chat_items` does, which sees nothing where an alternative takes the place of nothing. */
async function noteRewrite(
  tx: Queryable,
  { chatId, userId }: Pick<LockedChat, 'chatId' | 'userId'>,
  { from, taken }: { readonly from: number; readonly taken: number },
): Promise<void> {
  await query(tx, {
    userId,
    text: `update chats set next_position = next_position + $3, rewritten_at = statement_timestamp(),
        rewritten_from = case when rewritten_at > statement_timestamp() - interval '1 minute'
          then least(rewritten_from, $4) else $4 end
      where chat_id = $1 and user_id = $2`,
    values: [chatId, userId, taken, from],
  });
  tx.changes?.notify({ userId });
}
