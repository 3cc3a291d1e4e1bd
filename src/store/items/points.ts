import { type Queryable, query } from '../../driver/driver.ts';
import type { LockedChat } from './locked-chat.ts';

// A point of a history is where it has gone on in more than one way: behind the last item up to `after_position`. What
// removes items leaves points as they are; two between which nothing is left are one, whose current alternatives are the
// same items, the oldest id being theirs.

/** Puts the points of a locked chat's history to the items behind which they are, and makes those at one item one. */
export async function settlePoints(tx: Queryable, { chatId, userId }: LockedChat): Promise<void> {
  await query(tx, {
    userId,
    text: `update alternatives a set after_position = coalesce((select max(i.position) from chat_items i
        where i.chat_id = $1 and i.user_id = $2 and i.position <= a.after_position), -1)
      where a.chat_id = $1 and a.user_id = $2 and a.inside is null and a.after_position >= 0 and not exists (
        select from chat_items i where i.chat_id = $1 and i.user_id = $2 and i.position = a.after_position)`,
    values: [chatId, userId],
  });
  await query(tx, {
    userId,
    text: `delete from alternatives a
      where a.chat_id = $1 and a.user_id = $2 and a.inside is null and a.is_current and exists (
        select from alternatives older where older.chat_id = $1 and older.user_id = $2 and older.inside is null
          and older.is_current and older.after_position = a.after_position and older.alternative_id < a.alternative_id)`,
    values: [chatId, userId],
  });
}

/**
 * Forgets the points of a locked chat's history but those behind the last item before position `from`, or later: what is
 * set aside at them, and in it, is archived for good.
 */
export async function forgetPointsBefore(
  tx: Queryable,
  { chatId, userId }: LockedChat,
  from: number,
): Promise<void> {
  await query(tx, {
    userId,
    text: `delete from alternatives where chat_id = $1 and user_id = $2 and alternative_id in (
        with recursive gone as (
          select alternative_id from alternatives
          where chat_id = $1 and user_id = $2 and inside is null and after_position < (
            select max(position) from chat_items where chat_id = $1 and user_id = $2 and position < $3)
          union all
          select a.alternative_id from gone join alternatives a on a.inside = gone.alternative_id
            and a.chat_id = $1 and a.user_id = $2
        ) select alternative_id from gone)`,
    values: [chatId, userId, from],
  });
  await query(tx, {
    userId,
    text: `update archived_items i set alternative_id = null
      where i.chat_id = $1 and i.user_id = $2 and i.alternative_id is not null and not exists (
        select from alternatives a
        where a.chat_id = $1 and a.user_id = $2 and a.alternative_id = i.alternative_id)`,
    values: [chatId, userId],
  });
}

/** Forgets all points of a locked chat: what was set aside stays in the archive, and is no alternative any more. */
export async function forgetPoints(tx: Queryable, { chatId, userId }: LockedChat): Promise<void> {
  await query(tx, {
    userId,
    text: `with gone as (delete from alternatives where chat_id = $1 and user_id = $2)
      update archived_items set alternative_id = null
      where chat_id = $1 and user_id = $2 and alternative_id is not null`,
    values: [chatId, userId],
  });
}

/** Moves the points of a locked chat's history with its items from position `from` on, the one before them included. */
export async function movePoints(
  tx: Queryable,
  { chatId, userId }: LockedChat,
  { from, distance }: { readonly from: number; readonly distance: number },
): Promise<void> {
  await query(tx, {
    userId,
    text: `update alternatives set after_position = greatest(after_position, $3 - 1) + $4
      where chat_id = $1 and user_id = $2 and inside is null`,
    values: [chatId, userId, from, distance],
  });
}
