import { appendOrCreate } from '../database/append-batcher.ts';
import { doInOrder, isDatabase } from '../database/database.ts';
import { atomically, type Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { findOwner } from '../store/chats/chats.ts';
import { createChatIfMissing } from '../store/chats/create-chat.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';
import { type LockedChat, lockChat } from '../store/items/locked-chat.ts';

/**
 * Locks a chat and changes it, in one transaction.
 *
 * @returns undefined also when this user has not begun the chat: nothing is there to change.
 * @throws QuestlogError `chat_not_found` for another user's chat.
 */
export async function changeChat<Result>(
  db: Queryable,
  chatId: string,
  userId: string,
  work: (tx: Queryable, chat: LockedChat) => Promise<Result>,
): Promise<Result | undefined> {
  return atomically(db, userId, async (tx) => {
    const chat = await lockChat(tx, chatId, userId);
    if (chat !== undefined) return work(tx, chat);
    await assertMine(tx, chatId, userId);
    return undefined;
  });
}

/** As `changeChat`, but makes the chat of a user who has not begun it. */
export async function changeOrCreateChat(
  db: Queryable,
  chatId: string,
  userId: string,
  work: (tx: Queryable, chat: LockedChat) => Promise<void>,
): Promise<void> {
  await atomically(db, userId, async (tx) => {
    await createChatIfMissing(tx, chatId, userId);
    const chat = await lockChat(tx, chatId, userId);
    if (chat === undefined) throw chatNotFound(chatId);
    await work(tx, chat);
  });
}

/**
 * Appends to a chat. In a transaction of the caller's, nothing may be written with what others commit, or wait for it.
 *
 * @param userId the owner, whose chat is made when it is not there; undefined: the caller has checked whose it is.
 * @throws QuestlogError `chat_not_found` when the chat is another user's.
 */
export async function appendToChat(
  db: Queryable,
  chatId: string,
  userId: string | undefined,
  items: EncodedItems,
): Promise<void> {
  const append = async () =>
    appendOrCreate(db, chatId, { userId: userId ?? (await ownerOf(db, chatId)), items });
  const appended =
    userId !== undefined && isDatabase(db)
      ? db.chats.append(chatId, { userId, items })
      : doInOrder(db, chatId, 'change', append);
  if (!(await appended)) throw chatNotFound(chatId);
}

/**
 * Tells an empty or not yet begun chat from another user's. Where each user has ids of their own, it is not another's.
 *
 * @throws QuestlogError `chat_not_found`.
 */
export async function assertMine(db: Queryable, chatId: string, userId: string): Promise<void> {
  if (db.isDistributed) return;
  const owner = await findOwner(db, chatId);
  // What nobody has begun may become this user's chat.
  if (owner !== undefined && owner !== userId) throw chatNotFound(chatId);
}

/**
 * Whose chat it is, for a caller who does not say and is trusted to have checked it.
 *
 * @throws QuestlogError `chat_not_found`; `invalid_request` where each user has ids of their own.
 */
export async function ownerOf(db: Queryable, chatId: string): Promise<string> {
  if (db.isDistributed) throw invalidField('user_id', 'must be given: this database has the chats by user');
  const owner = await findOwner(db, chatId);
  if (owner === undefined) throw chatNotFound(chatId);
  return owner;
}

export function chatNotFound(chatId: string): QuestlogError {
  return new QuestlogError('chat_not_found', `there is no chat ${chatId} (for this user)`);
}
