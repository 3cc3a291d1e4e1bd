import { atomically, type Queryable } from '../driver/driver.ts';
import { QuestlogError } from '../errors.ts';
import { createChatIfMissing, isChatOf } from '../store/chats/chats.ts';
import { type LockedChat, lockChat } from '../store/items/locked-chat.ts';

/**
 * Locks a chat and changes it, in one transaction.
 *
 * @param userId the owner; null trusts the caller to have checked it.
 * @returns undefined also when this user has not begun the chat: nothing is there to change.
 * @throws QuestlogError `chat_not_found` for another user's chat, and without a user for one that does not exist.
 */
export async function changeChat<Result>(
  db: Queryable,
  chatId: string,
  userId: string | null,
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
  userId: string | null,
  work: (tx: Queryable, chat: LockedChat) => Promise<void>,
): Promise<void> {
  await atomically(db, userId, async (tx) => {
    if (userId !== null) await createChatIfMissing(tx, chatId, userId);
    const chat = await lockChat(tx, chatId, userId);
    if (chat === undefined) throw chatNotFound(chatId);
    await work(tx, chat);
  });
}

/**
 * Tells an empty or not yet begun chat from one that is not there for this user.
 *
 * @throws QuestlogError `chat_not_found`.
 */
export async function assertMine(db: Queryable, chatId: string, userId: string | null): Promise<void> {
  // What a user has not begun may become their chat.
  const isMine = (await isChatOf(db, chatId, userId)) ?? userId !== null;
  if (!isMine) throw chatNotFound(chatId);
}

export function chatNotFound(chatId: string): QuestlogError {
  return new QuestlogError('chat_not_found', `there is no chat ${chatId} (for this user)`);
}
