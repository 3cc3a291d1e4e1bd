import { atomically, type Queryable } from '../../../driver/driver.ts';
import { QuestlogError } from '../../../errors.ts';
import { assertIdle } from '../../../run/lifecycle/begin.ts';
import { type LockedChat, lockChat } from '../../../store/items/locked-chat.ts';

/**
 * Locks a chat that no run is active on and changes it, in one transaction.
 *
 * @throws QuestlogError `chat_not_found`, `chat_busy`, `approval_pending`.
 */
export async function changeIdle(
  db: Queryable,
  userId: string,
  chatId: string,
  change: (tx: Queryable, chat: LockedChat) => Promise<void>,
): Promise<void> {
  await atomically(db, userId, async (tx) => {
    const chat = await lockChat(tx, chatId, userId);
    if (!chat?.isActive) throw chatNotFound();
    await assertIdle(tx, userId, chatId);
    await change(tx, chat);
  });
}

export function chatNotFound(): QuestlogError {
  return new QuestlogError('chat_not_found', 'there is no such chat');
}
