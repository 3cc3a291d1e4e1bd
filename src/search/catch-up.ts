import type { Queryable } from '../driver/driver.ts';
import { indexChat } from '../store/search/index-chat.ts';
import { getBehindChats } from '../store/search/indexed-chats.ts';
import { type StemLanguage, toStemmers } from '../store/search/stems.ts';
import { toFormat } from '../store/search/words.ts';

/** Chats that are looked for at once. */
const BATCH_CHATS = 50;

/** How the index is made, and how fast. */
export interface CatchUpOptions {
  /** Whose stems it has. Default: none. */
  readonly languages?: readonly StemLanguage[];
  /** Is waited for after each page, with how long it took. Default: no time. */
  readonly pause?: (tookMs: number) => Promise<unknown>;
}

/**
 * Indexes what a user's chats have said since they were indexed, those with the newest activity first, until nothing is
 * left or the time is over; at least a page of one chat.
 *
 * @returns false when the time is over: there may be more.
 */
export async function catchUp(
  db: Queryable,
  userId: string,
  budgetMs: number,
  { languages = [], pause = async () => undefined }: CatchUpOptions = {},
): Promise<boolean> {
  const format = toFormat(userId, await toStemmers(db, languages));
  const end = performance.now() + budgetMs;
  const seen = new Set<string>();
  for (;;) {
    const chats = await getBehindChats(db, userId, format, BATCH_CHATS);
    const fresh = chats.filter(({ chatId }) => !seen.has(chatId));
    if (fresh.length === 0) return true;
    for (const { chatId } of fresh) {
      for (let isDone = false; !isDone; ) {
        const began = performance.now();
        isDone = await indexChat(db, userId, chatId, languages);
        if (performance.now() > end) return false;
        await pause(performance.now() - began);
      }
      // One that goes on being written is done once.
      seen.add(chatId);
    }
    if (chats.length < BATCH_CHATS) return true;
  }
}
