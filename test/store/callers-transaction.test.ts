import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type ChatWithConversation,
  createChat,
  createNewChatForUser,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatById,
  getChatCount,
  getUserChats,
  hardDeleteChat,
  migrate,
  openDatabase,
  type Queryable,
  restoreChat,
  updateChat,
} from '../../src/index.ts';
import { createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });

/** Everything that a caller may want to do together with writes of its own. */
const WORK: Record<string, (db: Queryable, chat: ChatWithConversation) => Promise<unknown>> = {
  createChat: (db, { userId }) => createChat(db, userId, { title: 'new', conversation: [said('new')] }),
  createNewChatForUser: (db, { userId }) => createNewChatForUser(db, userId, 'new'),
  updateChat: (db, { chatId, userId, version }) =>
    updateChat(db, chatId, userId, { title: 'new', conversation: [said('new')] }, { ifVersion: version }),
  deleteChat: (db, { chatId, userId }) => deleteChat(db, chatId, userId),
  restoreChat: async (db, { chatId, userId }) => {
    await deleteChat(db, chatId, userId);
    return restoreChat(db, chatId, userId);
  },
  hardDeleteChat: (db, { chatId, userId }) => hardDeleteChat(db, chatId, userId),
  addItems: (db, { chatId }) => new DatabaseSession(chatId, db).addItems([said('new')]),
  popItem: (db, { chatId }) => new DatabaseSession(chatId, db).popItem(),
  clearSession: (db, { chatId }) => new DatabaseSession(chatId, db).clearSession(),
  compaction: (db, { chatId }) => new DatabaseSession(chatId, db).replaceHistoryWithCompaction([said('new')]),
  transaction: (db, { chatId }) =>
    new DatabaseSession(chatId, db).applyHistoryTransaction({
      operationId: 'op',
      transaction: { type: 'replace_suffix', expectedSuffix: [said('old')], replacement: [said('new')] },
    }),
};

/** A caller's way to a transaction; `reader` sees what is committed. */
interface Caller {
  readonly reader: Database;
  readonly transaction: (end: 'commit' | 'rollback', work: (db: Queryable) => Promise<void>) => Promise<void>;
}

const closing: (() => Promise<unknown>)[] = [];
let raw: Promise<Caller> | undefined;

const CALLERS = [
  ...DATABASES.map(({ name, open }) => ({
    name: `${name}, by transaction()`,
    caller: () => byDatabase(open),
  })),
  { name: 'PostgreSQL, by a pg client', caller: () => (raw ??= byClient()) },
];

afterAll(() => Promise.all(closing.map((close) => close())));

describe.each(CALLERS)('in a caller’s transaction on $name', ({ caller }) => {
  it.each(Object.keys(WORK))('%s is seen inside it, and by all when it commits', async (name) => {
    const { reader, transaction } = await caller();
    const chat = await newChat(reader);
    const before = await everythingOf(reader, chat.userId);
    let inside: unknown;
    await transaction('commit', async (db) => {
      await WORK[name]?.(db, chat);
      inside = await everythingOf(db, chat.userId);
    });
    expect(inside).not.toEqual(before);
    expect(await everythingOf(reader, chat.userId)).toEqual(inside);
  });

  it.each(Object.keys(WORK))('%s has never been when it is rolled back', async (name) => {
    const { reader, transaction } = await caller();
    const chat = await newChat(reader);
    const before = await everythingOf(reader, chat.userId);
    await transaction('rollback', async (db) => {
      await WORK[name]?.(db, chat);
    });
    expect(await everythingOf(reader, chat.userId)).toEqual(before);
  });

  it('a change that is refused leaves the transaction usable', async () => {
    const { reader, transaction } = await caller();
    const { chatId, userId } = await newChat(reader);
    await transaction('commit', async (db) => {
      const session = new DatabaseSession(chatId, db);
      await session.addItems([said('kept')]);
      const stale = updateChat(db, chatId, userId, { conversation: null }, { ifVersion: '0' });
      await expect(stale).rejects.toMatchObject({ code: 'precondition_failed' });
      const wrong = { type: 'replace_suffix' as const, expectedSuffix: [said('?')], replacement: [] };
      const apply = session.applyHistoryTransaction({ operationId: 'op', transaction: wrong });
      await expect(apply).rejects.toMatchObject({ code: 'history_conflict' });
      await session.addItems([said('kept too')]);
    });
    const { conversation } = (await getChatById(reader, chatId, userId)) as ChatWithConversation;
    expect(conversation).toEqual([said('old'), said('kept'), said('kept too')]);
  });

  it('every way to read works on one connection', async () => {
    const { reader, transaction } = await caller();
    const chat = await newChat(reader);
    const { chatId, userId } = chat;
    await transaction('commit', async (db) => {
      const session = new DatabaseSession(chatId, db, { userId });
      for (const limit of [undefined, 1, undefined, 2]) expect(await session.getItems(limit)).toHaveLength(1);
      for (const activeOnly of [true, false, true]) {
        expect(await getUserChats(db, userId, { activeOnly })).toHaveLength(1);
        expect(await getUserChats(db, userId, { activeOnly, after: chat })).toHaveLength(0);
        expect(await getChatCount(db, userId, { activeOnly })).toBe(1);
        expect(await getChatById(db, chatId, userId, { activeOnly })).toEqual(chat);
      }
    });
  });
});

async function newChat(db: Database): Promise<ChatWithConversation> {
  const userId = newUser();
  const conversation = [said('old')];
  return { ...(await createChat(db, userId, { title: 'old', conversation })), conversation };
}

/** All chats of a user, with the rows of their history as they are stored. */
async function everythingOf(db: Queryable, userId: string): Promise<unknown> {
  const chats = await getUserChats(db, userId, { activeOnly: false });
  const stored = await db.query({
    text: `select 'item' as kind, chat_id, position::text as at, item::text as what from chat_items where user_id = $1
      union all select 'archived', chat_id, position::text, item::text from archived_items where user_id = $1
      union all select 'operation', chat_id, operation_id, fingerprint from history_operations where user_id = $1
      order by kind, chat_id, at`,
    values: [userId],
  });
  return { chats, stored: stored.rows };
}

async function byDatabase(open: () => Promise<Database>): Promise<Caller> {
  const reader = await open();
  const taken = new Error('taken back');
  return {
    reader,
    transaction: (end, work) =>
      reader
        .transaction(async (tx) => {
          await work(tx);
          if (end === 'rollback') throw taken;
        })
        .catch((error) => {
          if (error !== taken) throw error;
        }),
  };
}

/** What an application does that has `pg` already. The one connection serves every test, and remembers its statements. */
async function byClient(): Promise<Caller> {
  const url = await createPostgresDatabase();
  const reader = await openDatabase(url);
  await migrate(reader);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  closing.push(
    () => reader.close(),
    () => client.end(),
  );
  return {
    reader,
    transaction: async (end, work) => {
      await client.query('begin');
      try {
        await work(client);
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
      await client.query(end);
    },
  };
}
