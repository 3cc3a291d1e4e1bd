import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { searchChats } from '../../src/index.ts';
import { embedChats } from '../../src/search/meanings/embed-chats.ts';
import { findBehindUsers } from '../../src/store/search/indexed-chats.ts';
import { getItemText } from '../../src/store/search/item-text.ts';
import { findUnembeddedUsers } from '../../src/store/search/meanings/meaning-chats.ts';
import { userSays } from '../session/items.ts';
import type { Ask } from '../support/app.ts';
import { ok } from './ok.ts';

/** Searches, of a chat with an item that is larger than a page and one without a title. */
export async function playSearch(db: Database, userId: string, ask: Ask): Promise<void> {
  const large = 'sesame '.repeat(200_000);
  await ok(ask('POST', '/chats', { conversation: [userSays('sesame'), userSays(large)] }));
  const { next_cursor: cursor, items } = await ok(ask('GET', '/chats/search?q=sesame&limit=1'));
  expect(items).toHaveLength(1);
  await ok(ask('GET', `/chats/search?q=sesame&cursor=${cursor}&tools=true`));
  await searchChats(db, userId, { query: 'sesame', stems: ['en'] });
  await playMeanings(db, userId);
  const [item] = items;
  expect(await getItemText(db, userId, item.chat_id, item.position)).toContain('sesame');
  expect((await findBehindUsers(db, { userId: '', chatId: '' }, 1, [])).next).toBeDefined();
}

/** An embedder that fails and then does not; what was embedded once is looked at again. */
async function playMeanings(db: Database, userId: string): Promise<void> {
  const embedder = {
    model: 'm',
    dimensions: 8,
    embed: async (texts: readonly string[]) => texts.map(() => [1, 2, 3, 4, 5, 6, 7, 8]),
  };
  await expect(embedChats(db, userId, { ...embedder, embed: async () => [] })).rejects.toThrow('embed gave');
  await embedChats(db, userId, embedder);
  await query(db, {
    userId,
    text: 'update search_embedded set last_position = -1, is_complete = false where user_id = $1',
    values: [userId],
  });
  await embedChats(db, userId, embedder);
  expect((await searchChats(db, userId, { query: 'sesame', embedder })).results.length).toBeGreaterThan(0);
  await findUnembeddedUsers(db, { userId: '', chatId: '' }, 'm/8', 1);
}
