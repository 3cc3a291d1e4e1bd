import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { searchChats } from '../../src/index.ts';
import { findBehindUsers } from '../../src/store/search/indexed-chats.ts';
import { getItemText } from '../../src/store/search/item-text.ts';
import { userSays } from '../session/items.ts';
import type { Ask } from '../support/app.ts';
import { ok } from './expect-ok.ts';

/** Searches, of a chat with an item that is larger than a page and one without a title. */
export async function playSearch(db: Database, userId: string, ask: Ask): Promise<void> {
  const large = 'sesame '.repeat(200_000);
  await ok(ask('POST', '/chats', { conversation: [userSays('sesame'), userSays(large)] }));
  const { next_cursor: cursor, items } = await ok(ask('GET', '/chats/search?q=sesame&limit=1'));
  expect(items).toHaveLength(1);
  await ok(ask('GET', `/chats/search?q=sesame&cursor=${cursor}&tools=true`));
  await searchChats(db, userId, { query: 'sesame', stems: ['en'] });
  const [item] = items;
  expect(await getItemText(db, userId, item.chat_id, item.position)).toContain('sesame');
  expect((await findBehindUsers(db, { userId: '', chatId: '' }, 1, [])).next).toBeDefined();
}
