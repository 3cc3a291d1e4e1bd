import { expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { DatabaseSession } from '../../src/session/database-session.ts';
import { getChatById } from '../../src/store/chats/chats.ts';
import { createChat } from '../../src/store/chats/create-chat.ts';
import { copyChats } from '../../src/store/copy.ts';
import { rateItem } from '../../src/store/items/chat-items.ts';
import { DATABASES, newUser } from '../support/databases.ts';

test('a move from the embedded database to a server keeps every chat to the last byte', async () => {
  const [source, target] = (await Promise.all(DATABASES.map(({ openEmpty }) => openEmpty()))) as [
    Database,
    Database,
  ];
  for (const db of [source, target]) await migrate(db);
  const userId = newUser();
  const odd = {
    role: 'user',
    content: 'a\u0000b \ud800 "quoted" \\u0000 {,} é 🎲',
    z: [1e308, -0, null],
    a: {},
  };
  const { chatId } = await createChat(source, userId, { title: 'NULL', conversation: [odd, odd] });
  await createChat(source, userId);
  await rateItem(source, chatId, userId, 1, { rating: 'down', comment: odd.content });
  const session = new DatabaseSession(chatId, source, { userId });
  await session.replaceHistoryWithCompaction([{ role: 'user', content: 'short' }]);
  await rateItem(source, chatId, userId, 2, { rating: 'up' });
  await session.applyHistoryTransaction({
    operationId: 'op',
    transaction: { type: 'append_items', items: [] },
  });

  expect(await copyChats(source, target)).toBe(2);

  expect(await getChatById(target, chatId, userId)).toEqual(await getChatById(source, chatId, userId));
  for (const table of ['chats', 'chat_items', 'archived_items', 'history_operations', 'campaign_notes']) {
    expect(await rowsOf(target, table), table).toEqual(await rowsOf(source, table));
  }
  await expect(copyChats(source, target)).rejects.toMatchObject({ code: 'invalid_request' });
});

async function rowsOf(db: Database, table: string): Promise<unknown[]> {
  return db.transaction(async (tx) => {
    await tx.exec("set local timezone = 'UTC'");
    return query(tx, { text: `select t::text as row from ${table} t order by 1` });
  });
}
