import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  type Database,
  DatabaseSession,
  getChatCount,
  getUserChats,
  migrate,
  openDatabase,
  type Queryable,
  type Statement,
} from '../../src/index.ts';
import { mergeChatCounts } from '../../src/store/chats/chat-counts.ts';
import { openConversation } from '../../src/store/chats/read-conversations.ts';
import { appendToFreeChats } from '../../src/store/items/append-items.ts';
import { encodeItems } from '../../src/store/items/item-json.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import { createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';
import { planOf, sentBy, spyOn } from '../support/plans.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });
const append = { userId: 'user-1', items: encodeItems([said('x')]) };

describe.each(DATABASES)('the statements that a session sends to $name', ({ open }) => {
  it('to append are one, whatever the number of items', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const { sent, spy } = spyOn(db);
    await new DatabaseSession(chatId, spy, { userId }).addItems(Array.from({ length: 50 }, () => said('x')));
    expect(sent).toHaveLength(1);
  });

  it('to append nothing are none', async () => {
    const { sent, spy } = spyOn(await open());
    await new DatabaseSession(newId(), spy).addItems([]);
    expect(sent).toEqual([]);
  });

  it('to begin a chat are two', async () => {
    const { sent, spy } = spyOn(await open());
    await new DatabaseSession(newId(), spy, { userId: newUser() }).addItems([said('x')]);
    expect(sent).toHaveLength(2);
  });

  it('to read a chat that has items are one, whatever the limit', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b')] });
    for (const limit of [undefined, 1, 1_000]) {
      const { sent, spy } = spyOn(db);
      await new DatabaseSession(chatId, spy, { userId }).getItems(limit);
      expect(sent).toHaveLength(1);
    }
  });

  it('to pop are one', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [said('a'), said('b')] });
    const { sent, spy } = spyOn(db);
    const session = new DatabaseSession(chatId, spy, { userId });
    expect(await session.popItem()).toMatchObject({ role: 'user' });
    expect(sent).toHaveLength(1);
  });

  it('are one more where the session was not told whose chat it is', async () => {
    const db = await open();
    const { chatId } = await createChat(db, newUser(), { conversation: [said('a'), said('b')] });
    const ways: ((session: DatabaseSession) => Promise<unknown>)[] = [
      (session) => session.addItems([said('c')]),
      (session) => session.getItems(),
      (session) => session.popItem(),
    ];
    for (const work of ways) {
      const { sent, spy } = spyOn(db);
      await work(new DatabaseSession(chatId, spy));
      expect(sent).toHaveLength(2);
    }
  });

  it('carry the user with the chat, and values only as parameters', async () => {
    const db = await open();
    const userId = newUser();
    const { sent, spy } = spyOn(db);
    const session = new DatabaseSession(`'; drop table chats; --${newId()}`, spy, { userId });
    await session.addItems([said(`"'; drop table chat_items; -- $1`)]);
    await session.getItems();
    for (const { text, values } of sent) {
      expect(text).toContain('user_id');
      expect(text).not.toContain('drop');
      expect(values).toContain(userId);
    }
  });
});

describe('the plans of PostgreSQL for many chats', () => {
  let prepared: Promise<Database> | undefined;
  const open = () => (prepared ??= openFull());
  afterAll(async () => (await prepared)?.close());

  it.each<[string, string, (db: Queryable) => Promise<unknown>]>([
    ['find the owner', 'chats_pkey', (db) => new DatabaseSession('chat-7', db).addItems([said('x')])],
    [
      'append',
      'chats_of_user',
      (db) => new DatabaseSession('chat-7', db, { userId: 'user-1' }).addItems([said('x')]),
    ],
    [
      'append to several',
      'chats_',
      (db) =>
        appendToFreeChats(
          db,
          new Map([
            ['chat-7', append],
            ['chat-9', append],
          ]),
        ),
    ],
    [
      'read all',
      'chat_items_pkey',
      (db) => new DatabaseSession('chat-7', db, { userId: 'user-1' }).getItems(),
    ],
    [
      'read the newest',
      'chat_items_pkey',
      (db) => new DatabaseSession('chat-7', db, { userId: 'user-1' }).getItems(5),
    ],
    ['list', 'idx_recent_chats', (db) => getUserChats(db, 'user-1', { limit: 20 })],
    [
      'list on',
      'idx_recent_chats',
      (db) => getUserChats(db, 'user-1', { limit: 20, after: { activity: '1795377600000000', chatId: 'x' } }),
    ],
    ['list pinned ones', 'idx_pinned_chats', (db) => getUserChats(db, 'user-1', { pinned: true })],
    ['list archived ones', 'idx_archived_chats', (db) => getUserChats(db, 'user-1', { archived: true })],
    ['list tagged ones', 'idx_', (db) => getUserChats(db, 'user-1', { tags: ['a'] })],
    ['list those with metadata', 'idx_', (db) => getUserChats(db, 'user-1', { metadata: { k: 'v' } })],
    ['count pinned ones', 'idx_pinned_chats', (db) => getChatCount(db, 'user-1', { pinned: true })],
    ['list deleted ones too', 'idx_', (db) => getUserChats(db, 'user-1', { limit: 20, activeOnly: false })],
    ['count', 'chat_counts_', (db) => getChatCount(db, 'user-1')],
  ])('to %s use %s and read no table from end to end', async (_title, index, work) => {
    const db = await open();
    const [statement] = await sentBy(db, work);
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      const plan = await planOf(db, statement as Statement, mode);
      expect(plan).toContain(index);
      expect(plan).not.toContain('Seq Scan');
    }
  });

  it('an append leaves the indexes of the chats alone', async () => {
    const db = await open();
    const changes = await db.transaction(async (tx) => {
      const before = await countUpdates(tx);
      for (let turn = 0; turn < 5; turn++) await new DatabaseSession('chat-9', tx).addItems([said('x')]);
      const after = await countUpdates(tx);
      return { all: after.all - before.all, hot: after.hot - before.hot };
    });
    expect(changes.all).toBe(5);
    // One may be the first in a new minute, one the first in a new page.
    expect(changes.hot).toBeGreaterThanOrEqual(3);
  });

  it.each<[string, (db: Queryable) => Promise<unknown>]>([
    ['all', (db) => new DatabaseSession('chat-7', db, { userId: 'user-1' }).getItems()],
    ['the newest', (db) => new DatabaseSession('chat-7', db, { userId: 'user-1' }).getItems(5)],
    ['a page', (db) => getItemPage(db, 'chat-7', 'user-1', { limit: 5 })],
    ['the page before', (db) => getItemPage(db, 'chat-7', 'user-1', { before: 30, limit: 5 })],
    ['the page after', (db) => getItemPage(db, 'chat-7', 'user-1', { after: 5, limit: 5 })],
  ])('to read %s walk along the key, and stop at the limit: nothing is sorted', async (_title, work) => {
    const db = await open();
    const [statement] = await sentBy(db, work);
    const plan = await planOf(db, statement as Statement, 'force_generic_plan');
    expect(plan).toContain('Index Scan');
    expect(plan).not.toContain('Sort');
  });

  it('to read a conversation walk along the key also where one user has all items', async () => {
    const db = await openDatabase(await createPostgresDatabase());
    onTestFinished(() => db.close());
    await migrate(db);
    const conversation = Array.from({ length: 100 }, () => said('x'.repeat(300)));
    const chats = await Promise.all(
      Array.from({ length: 12 }, () => createChat(db, 'user-1', { conversation })),
    );
    await db.exec('analyze');
    const [statement] = await sentBy(db, (spy) => openConversation(spy, 'user-1', String(chats[0]?.chatId)));
    const plan = await planOf(db, statement as Statement, 'force_generic_plan');
    expect(plan).not.toContain('Seq Scan on chat_items');
  });

  it('to pop use the key of the items and read no table from end to end, also where somebody was faster', async () => {
    const db = await open();
    const [alone] = await sentBy(db, (spy) =>
      new DatabaseSession('chat-8', spy, { userId: 'user-2' }).popItem(),
    );
    const locking = await db.transaction((tx) =>
      // Of an empty chat, as of one that was changed meanwhile.
      sentBy(tx, (spy) => new DatabaseSession('chat-3000', spy, { userId: 'user-0' }).popItem()),
    );
    const statements = [alone as Statement, ...locking.filter(({ values }) => values !== undefined)];
    expect(statements.length).toBeGreaterThan(3);
    for (const statement of statements) {
      expect(await planOf(db, statement, 'force_generic_plan')).not.toContain('Seq Scan');
    }
  });
});

/** How many rows of `chats` were updated, and how many of them without any index, as far as this connection knows. */
async function countUpdates(tx: Queryable): Promise<{ readonly all: number; readonly hot: number }> {
  const { rows } = await tx.query({
    text: `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_xact_user_tables where relname = 'chats'`,
  });
  return rows[0] as { all: number; hot: number };
}

/** 3,000 chats of three users, a tenth of them with 40 items each. */
async function openFull(): Promise<Database> {
  const db = await openDatabase(await createPostgresDatabase());
  await migrate(db);
  await db.exec(`
    insert into chats (chat_id, user_id, is_active, updated_at)
      select 'chat-' || n, 'user-' || n % 3, n % 5 > 0, timestamptz '2026-11-22' + n * interval '1 second'
      from generate_series(1, 3000) as n;
    insert into chat_items (chat_id, position, user_id, item)
      select 'chat-' || n, p, 'user-' || n % 3, '{"role":"user","content":"hello"}'
      from generate_series(1, 300) as n, generate_series(0, 39) as p;
    update chats set next_position = 40 where chat_id in (select chat_id from chat_items);
    insert into chat_counts (user_id, active, inactive) select 'other-' || n, 1, 0 from generate_series(1, 5000) as n;
  `);
  await mergeChatCounts(db, 3_000);
  await db.query({ text: 'analyze' });
  return db;
}
