import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { invalidField } from '../../errors.ts';
import { assertId } from '../../ids.ts';
import { type Checks, checkOptions } from '../../options.ts';
import { lockChat, moveNextPosition } from './locked-chat.ts';

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
  const text = toText(feedback);
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

function toText(feedback: Feedback): string | null {
  checkOptions(feedback, FEEDBACK, { name: 'feedback' });
  const { rating, comment = null } = feedback;
  if (rating !== null) return JSON.stringify({ rating, comment });
  if (comment !== null) throw invalidField('comment', 'needs a rating');
  return null;
}
