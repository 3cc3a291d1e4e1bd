import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatById,
  restoreChat,
  updateChat,
} from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const said = (text: string): AgentInputItem => ({ role: 'user', content: text });

type Change = (db: Database, chatId: string, userId: string) => Promise<unknown>;

/** Every way to change a chat. */
const CHANGES: Record<string, Change> = {
  title: (db, chatId, userId) => updateChat(db, chatId, userId, { title: newId() }),
  'the same title': (db, chatId, userId) => updateChat(db, chatId, userId, { title: 'same' }),
  conversation: (db, chatId, userId) => updateChat(db, chatId, userId, { conversation: [said('a')] }),
  'title and conversation': (db, chatId, userId) =>
    updateChat(db, chatId, userId, { title: newId(), conversation: null }),
  delete: (db, chatId, userId) => deleteChat(db, chatId, userId),
  addItems: (db, chatId) => new DatabaseSession(chatId, db).addItems([said('a'), said('b')]),
  popItem: (db, chatId) => new DatabaseSession(chatId, db).popItem(),
  clearSession: (db, chatId) => new DatabaseSession(chatId, db).clearSession(),
  compaction: (db, chatId) => new DatabaseSession(chatId, db).replaceHistoryWithCompaction([said('c')]),
  transaction: (db, chatId) =>
    new DatabaseSession(chatId, db).applyHistoryTransaction({
      operationId: newId(),
      transaction: { type: 'append_items', items: [said('t')] },
    }),
};

describe.each(DATABASES)('the version of a chat on $name', ({ open }) => {
  it.each(Object.keys(CHANGES))('grows with a change and with nothing else: %s', async (name) => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { title: 'same', conversation: [said('a'), said('b')] });
    for (let round = 0; round < 2; round++) {
      await restoreChat(db, chatId, userId);
      const before = await versionOf(db, chatId, userId);
      await CHANGES[name]?.(db, chatId, userId);
      const after = await versionOf(db, chatId, userId);
      expect(after).toBeGreaterThan(before);
      expect(await versionOf(db, chatId, userId)).toBe(after);
    }
  });

  it('grows when a chat is restored', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    await deleteChat(db, chatId, userId);
    const before = await versionOf(db, chatId, userId);
    await restoreChat(db, chatId, userId);
    expect(await versionOf(db, chatId, userId)).toBeGreaterThan(before);
  });

  it('grows with every change of one transaction', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId, version } = await createChat(db, userId);
    const versions = [BigInt(version)];
    await db.transaction(async (tx) => {
      for (let round = 0; round < 20; round++) {
        const chat = await updateChat(tx, chatId, userId, { title: String(round) });
        versions.push(BigInt(chat?.version ?? 0));
      }
    });
    for (const [index, next] of versions.slice(1).entries())
      expect(next).toBeGreaterThan(versions[index] ?? 0n);
  });

  it('grows also when the clock of the database goes back', async () => {
    const db = await open();
    const userId = newUser();
    const chatId = newId();
    await db.query({
      text: `insert into chats (chat_id, user_id, updated_at) values ($1, $2, now() + interval '1 hour')`,
      values: [chatId, userId],
    });
    const before = await versionOf(db, chatId, userId);
    expect((await updateChat(db, chatId, userId, { title: 'later' }))?.version).toBe(String(before + 1n));
  });

  it('stays when a change is refused, or changes nothing', async () => {
    const db = await open();
    const userId = newUser();
    const chat = await createChat(db, userId, { conversation: [said('a')] });
    const { chatId, version } = chat;
    const session = new DatabaseSession(chatId, db);
    await expect(session.addItems([said('b'), null as never])).rejects.toThrow('items[1]');
    await expect(updateChat(db, chatId, userId, { conversation: [1] })).rejects.toThrow('conversation[0]');
    await expect(
      session.applyHistoryTransaction({
        operationId: 'op',
        transaction: { type: 'replace_suffix', expectedSuffix: [said('z')], replacement: [] },
      }),
    ).rejects.toThrow('end of the history');
    await session.addItems([]);
    expect(await updateChat(db, chatId, userId, {})).toEqual(chat);
    expect(await getChatById(db, chatId, userId)).toMatchObject({ version });
  });
});

describe.each(DATABASES)('a change of a chat that expects a version on $name', ({ open }) => {
  it('happens at that version only', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId, version } = await createChat(db, userId, { title: 'first' });
    const second = await updateChat(db, chatId, userId, { title: 'second' }, { ifVersion: version });
    expect(second).toMatchObject({ title: 'second' });
    for (const stale of [version, '0', '', 'W/"x"']) {
      const update = updateChat(
        db,
        chatId,
        userId,
        { title: 'lost', conversation: [said('lost')] },
        { ifVersion: stale },
      );
      await expect(update).rejects.toMatchObject({ code: 'precondition_failed' });
    }
    expect(await getChatById(db, chatId, userId)).toEqual({ ...second, conversation: [] });
  });

  it('loses to an item that was added since', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId, version } = await createChat(db, userId);
    await new DatabaseSession(chatId, db).addItems([said('new')]);
    const update = updateChat(db, chatId, userId, { conversation: null }, { ifVersion: version });
    await expect(update).rejects.toMatchObject({ code: 'precondition_failed' });
    expect((await getChatById(db, chatId, userId))?.conversation).toEqual([said('new')]);
  });

  it('happens once when many expect the same', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId, version } = await createChat(db, userId);
    const updates = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        updateChat(db, chatId, userId, { title: String(index) }, { ifVersion: version }),
      ),
    );
    const done = updates.filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(1);
    for (const update of updates) {
      if (update.status === 'rejected') expect(update.reason).toMatchObject({ code: 'precondition_failed' });
    }
  });
});

describe.each(DATABASES)('a position on $name', ({ open }) => {
  it('is never used twice in one chat', async () => {
    const db = await open();
    const anyLife = fc.array(fc.constantFrom('add', 'pop', 'clear', 'replace', 'compact', 'undo'), {
      minLength: 3,
      maxLength: 12,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(anyLife, async (life) => {
        const userId = newUser();
        const { chatId } = await createChat(db, userId, { conversation: [said('first')] });
        const seen = new Map<string, string>(await itemsByPosition(db, chatId));
        for (const [turn, what] of life.entries()) {
          await live(db, chatId, userId, what, [said(`${turn}a`), said(`${turn}b`)]);
          for (const [position, item] of await itemsByPosition(db, chatId)) {
            expect(seen.get(position) ?? item, `position ${position}`).toBe(item);
            seen.set(position, item);
          }
        }
      }),
      { numRuns: 15 },
    );
  });
});

async function versionOf(db: Database, chatId: string, userId: string): Promise<bigint> {
  const chat = await getChatById(db, chatId, userId, { activeOnly: false });
  return BigInt(chat?.version ?? 0);
}

async function live(
  db: Database,
  chatId: string,
  userId: string,
  what: string,
  items: AgentInputItem[],
): Promise<unknown> {
  const session = new DatabaseSession(chatId, db);
  switch (what) {
    case 'add':
      return session.addItems(items);
    case 'pop':
      return session.popItem();
    case 'clear':
      return session.clearSession();
    case 'replace':
      return updateChat(db, chatId, userId, { conversation: items });
    case 'compact':
      return session.replaceHistoryWithCompaction(items);
    default: {
      const expectedSuffix = await session.getItems(1);
      const transaction = { type: 'replace_suffix' as const, expectedSuffix, replacement: items };
      return session.applyHistoryTransaction({ operationId: newId(), transaction });
    }
  }
}

async function itemsByPosition(db: Database, chatId: string): Promise<[string, string][]> {
  const { rows } = await db.query({
    text: 'select position::text as position, item::text as item from chat_items where chat_id = $1',
    values: [chatId],
  });
  return rows.map(({ position, item }) => [String(position), String(item)]);
}
