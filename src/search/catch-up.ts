import type { Queryable } from '../driver/driver.ts';
import { indexChat } from '../store/search/index-chat.ts';
import { getBehindChats } from '../store/search/indexed-chats.ts';
import { toFormat } from '../store/search/words.ts';

/** Chats that are looked for at once. */
const BATCH_CHATS = 50;

/**
 * Indexes what a user's chats have said since they were indexed, those with the newest activity first, until nothing is
 * left or the time is over; at least a page of one chat.
 *
 * @param pause is waited for after each page, with how long it took.
 * @returns false when the time is over: there may be more.
 */
export async function catchUp(
  db: Queryable,
  userId: string,
  budgetMs: number,
  pause: (tookMs: number) => Promise<unknown> = async () => undefined,
): Promise<boolean> {
  const end = performance.now() + budgetMs;
  const seen = new Set<string>();
  for (;;) {
    const chats = await getBehindChats(db, userId, toFormat(userId), BATCH_CHATS);
    const fresh = chats.filter(({ chatId }) => !seen.has(chatId));
    if (fresh.length === 0) return true;
    for (const { chatId } of fresh) {
      for (let isDone = false; !isDone; ) {
        const began = performance.now();
        isDone = await indexChat(db, userId, chatId);
        if (performance.now() > end) return false;
        await pause(performance.now() - began);
      }
      // One that goes on being written is done once.
      seen.add(chatId);
    }
    if (chats.length < BATCH_CHATS) return true;
  }
}
