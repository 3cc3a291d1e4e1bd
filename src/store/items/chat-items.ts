import { setImmediate } from 'node:timers/promises';
import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { type Checks, checkOptions } from '../../options.ts';
import { assertWritten, type EncodedItems, toJsonTexts } from './encoded-items.ts';
import { type LockedChat, lockChat, moveNextPosition } from './locked-chat.ts';

/** An item's JSON text and its place in the chat. */
export interface StoredItem {
  readonly position: number;
  readonly text: string;
}

/** Writes items at the locked chat's next positions, in slices. The caller moves `next_position`. */
export async function insertItems(tx: Queryable, chat: LockedChat, items: EncodedItems): Promise<void> {
  let position = chat.nextPosition;
  for (const slice of items.toSlices()) {
    await insertSlice(tx, chat, position, slice);
    position += slice.texts.length;
    await setImmediate();
  }
}

async function insertSlice(
  tx: Queryable,
  { chatId, userId }: LockedChat,
  position: number,
  items: EncodedItems,
): Promise<void> {
  const rows = await query<{ count: number }>(tx, {
    userId,
    text: `with inserted as (
        insert into chat_items (chat_id, position, user_id, item)
        select $1, $3 + e.place - 1, $2, e.value::json from json_array_elements_text($4::json) with ordinality as e(value, place)
        returning 1
      ) select count(*)::int as count from inserted`,
    values: [chatId, userId, position, toJsonTexts(items)],
  });
  assertWritten(rows[0]?.count, items);
}

/** Removes and returns the newest item of a locked chat. */
export async function deleteNewestItem(tx: Queryable, chat: LockedChat): Promise<string | undefined> {
  const rows = await query<{ item: string }>(tx, {
    userId: chat.userId,
    text: `delete from chat_items where chat_id = $1 and user_id = $2
        and position = (select max(position) from chat_items where chat_id = $1 and user_id = $2 and not is_blocked)
      returning item::text as item`,
    values: [chat.chatId, chat.userId],
  });
  return rows[0]?.item;
}

/** Removes all items of a locked chat. */
export async function deleteItems(tx: Queryable, chat: LockedChat): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'delete from chat_items where chat_id = $1 and user_id = $2',
    values: [chat.chatId, chat.userId],
  });
}

/** Removes the items of a locked chat from position `from` on, but for those that an input guardrail refused. */
export async function deleteSuffix(tx: Queryable, chat: LockedChat, from: number): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'delete from chat_items where chat_id = $1 and user_id = $2 and position >= $3 and not is_blocked',
    values: [chat.chatId, chat.userId, from],
  });
}

/** Removes one item of a locked chat. */
export async function deleteItem(tx: Queryable, chat: LockedChat, position: number): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'delete from chat_items where chat_id = $1 and user_id = $2 and position = $3',
    values: [chat.chatId, chat.userId, position],
  });
}

/** Puts another item at a position of a locked chat. */
export async function replaceItem(tx: Queryable, chat: LockedChat, item: StoredItem): Promise<void> {
  await query(tx, {
    userId: chat.userId,
    text: 'update chat_items set item = $4::json where chat_id = $1 and user_id = $2 and position = $3',
    values: [chat.chatId, chat.userId, item.position, item.text],
  });
}

/** What the person thinks of an item. */
export interface Feedback {
  /** Thumbs. Null takes them back. */
  readonly rating: 'up' | 'down' | null;
  /** Why, in at most 1,000 characters. Only with a rating. */
  readonly comment?: string | null | undefined;
}

/** Of a comment, in UTF-16 units. */
export const MAX_COMMENT_LENGTH = 1_000;

const FEEDBACK: Checks<Feedback> = {
  rating: (value) =>
    value === null || value === 'up' || value === 'down' ? undefined : 'must be "up", "down" or null',
  comment: (value) =>
    (value ?? null) === null || (typeof value === 'string' && value.length <= MAX_COMMENT_LENGTH)
      ? undefined
      : `must be a text of at most ${MAX_COMMENT_LENGTH} characters`,
};

/**
 * Stores what the person thinks of an item, in place of what they thought before. The item stays as it is, and so does
 * what a model gets; the chat has changed, so that whoever watches it hears of it.
 *
 * @returns false when this user has no active chat with an item there, or the item is of a run that has not ended, which
 * puts final items in its place.
 * @throws QuestlogError `invalid_request` naming the field.
 */
export async function rateItem(
  db: Queryable,
  chatId: string,
  userId: string,
  position: number,
  feedback: Feedback,
): Promise<boolean> {
  assertId('chat_id', chatId);
  assertId('user_id', userId);
  if (!Number.isSafeInteger(position)) throw invalidField('position', 'must be a whole number');
  const text = toFeedbackText(feedback);
  return atomically(db, userId, async (tx) => {
    const chat = await lockChat(tx, chatId, userId);
    if (!chat?.isActive) return false;
    const rows = await query(tx, {
      userId,
      text: `update chat_items set feedback = $4::json where chat_id = $1 and user_id = $2 and position = $3
          and ($5::text is null or run_id is distinct from $5)
        returning position`,
      values: [chatId, userId, position, text, chat.activeRun],
    });
    if (rows.length === 1) await moveNextPosition(tx, chat, 0);
    return rows.length === 1;
  });
}

/**
 * What is stored of a feedback.
 *
 * @throws QuestlogError `invalid_request` naming the field.
 */
export function toFeedbackText(feedback: Feedback): string | null {
  checkOptions(feedback, FEEDBACK, { name: 'feedback' });
  const { rating, comment = null } = feedback;
  if (rating !== null) return JSON.stringify({ rating, comment });
  if (comment !== null) throw invalidField('comment', 'needs a rating');
  return null;
}
