import type { Database } from '../../src/database/database.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';

/** Adds messages of the user to a chat, which begins with them if it is new. */
export async function appendItems(
  db: Database,
  { userId, chatId }: { readonly userId: string; readonly chatId: string },
  texts: readonly string[],
): Promise<void> {
  const items = texts.map((content) => ({ role: 'user' as const, content }));
  await new DatabaseSession(chatId, db, { userId }).addItems(items);
}
