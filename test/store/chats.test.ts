import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  createNewChatForUser,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatById,
  getChatCount,
  getUserChats,
  hardDeleteChat,
  restoreChat,
  updateChat,
} from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const said = (text: string) => ({ role: 'user', content: text });

describe.each(DATABASES)('a chat on $name', ({ open }) => {
  it('is created with what was given, and found again', async () => {
    const db = await open();
    const userId = newUser();
    const conversation = [said('one'), said('two')];
    const chat = await createChat(db, userId, { title: 'A quest', conversation });
    expect(chat).toMatchObject({ userId, title: 'A quest', isActive: true });
    expect(chat.chatId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await getChatById(db, chat.chatId, userId)).toEqual({ ...chat, conversation });
  });

  it('is empty and untitled if nothing was given', async () => {
    const db = await open();
    const userId = newUser();
    for (const chatId of [
      await createNewChatForUser(db, userId),
      (await createChat(db, userId)).chatId,
      (await createChat(db, userId, { title: null, conversation: null })).chatId,
    ]) {
      expect(await getChatById(db, chatId, userId)).toMatchObject({ title: null, conversation: [] });
    }
    const titled = await createNewChatForUser(db, userId, 'A title');
    expect(await getChatById(db, titled, userId)).toMatchObject({ title: 'A title' });
  });

  it('has the times at which it was made and changed', async () => {
    const db = await open();
    const userId = newUser();
    const before = Date.now();
    const chat = await createChat(db, userId);
    const changed = await updateChat(db, chat.chatId, userId, { title: 'x' });
    expect(chat.createdAt.getTime()).toBeGreaterThan(before - 2_000);
    expect(chat.createdAt.getTime()).toBeLessThan(Date.now() + 2_000);
    expect(changed?.createdAt).toEqual(chat.createdAt);
    expect(changed?.updatedAt.getTime()).toBe(Math.floor(Number(changed?.version) / 1_000));
  });

  it('changes only in what is given', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { title: 'old', conversation: [said('old')] });
    const read = () => getChatById(db, chatId, userId);
    await updateChat(db, chatId, userId, { title: 'new' });
    expect(await read()).toMatchObject({ title: 'new', conversation: [said('old')] });
    await updateChat(db, chatId, userId, { conversation: [said('new'), said('newer')] });
    expect(await read()).toMatchObject({ title: 'new', conversation: [said('new'), said('newer')] });
    await updateChat(db, chatId, userId, { title: null, conversation: null });
    expect(await read()).toMatchObject({ title: null, conversation: [] });
    await updateChat(db, chatId, userId, { title: 'both', conversation: [said('both')] });
    expect(await read()).toMatchObject({ title: 'both', conversation: [said('both')] });
    await updateChat(db, chatId, userId, { conversation: [] });
    expect(await read()).toMatchObject({ title: 'both', conversation: [] });
  });
});

describe.each(DATABASES)('a deleted chat on $name', ({ open }) => {
  it('is hidden with all that it holds, until it is restored', async () => {
    const db = await open();
    const userId = newUser();
    const conversation = [said('kept')];
    const { chatId, createdAt } = await createChat(db, userId, { title: 'kept', conversation });

    expect(await deleteChat(db, chatId, userId)).toBe(true);
    expect(await getChatById(db, chatId, userId)).toBeUndefined();
    expect(await getUserChats(db, userId)).toEqual([]);
    expect(await getChatCount(db, userId)).toBe(0);
    expect(await updateChat(db, chatId, userId, { title: 'x', conversation: null })).toBeUndefined();
    expect(await deleteChat(db, chatId, userId)).toBe(false);
    expect(await getChatById(db, chatId, userId, { activeOnly: false })).toMatchObject({ isActive: false });
    expect(await getUserChats(db, userId, { activeOnly: false })).toMatchObject([
      { chatId, isActive: false },
    ]);
    expect(await getChatCount(db, userId, { activeOnly: false })).toBe(1);

    expect(await restoreChat(db, chatId, userId)).toMatchObject({ chatId, isActive: true });
    const restored = { chatId, createdAt, title: 'kept', isActive: true, conversation };
    expect(await getChatById(db, chatId, userId)).toMatchObject(restored);
  });

  it('is restored once: an active chat is returned as it is', async () => {
    const db = await open();
    const userId = newUser();
    const chat = await createChat(db, userId);
    expect(await restoreChat(db, chat.chatId, userId)).toEqual(chat);
  });

  it.each([true, false])(
    'is gone for good with everything of it, if that is asked for (active: %s)',
    async (active) => {
      const db = await open();
      const userId = newUser();
      const { chatId } = await createChat(db, userId, { conversation: [said('gone')] });
      await fillHistory(db, chatId, userId);
      if (!active) await deleteChat(db, chatId, userId);
      expect(await hardDeleteChat(db, chatId, userId)).toBe(true);
      // That it was removed is all that is left, for clients that were away; for some days.
      expect(await rowsOf(db, chatId)).toEqual({ removed_chats: 1 });
      expect(await hardDeleteChat(db, chatId, userId)).toBe(false);
      expect(await restoreChat(db, chatId, userId)).toBeUndefined();
    },
  );
});

describe.each(DATABASES)('a chat of another user on $name', ({ open }) => {
  it('is for every function as one that does not exist, and stays as it is', async () => {
    const db = await open();
    const [owner, other] = [newUser(), newUser()];
    const { chatId } = await createChat(db, owner, { title: 'mine', conversation: [said('mine')] });
    const before = await getChatById(db, chatId, owner);
    for (const [chat, user] of [
      [chatId, other],
      [newId(), owner],
    ] as const) {
      expect(await getChatById(db, chat, user, { activeOnly: false })).toBeUndefined();
      expect(await updateChat(db, chat, user, { title: 'x', conversation: [] })).toBeUndefined();
      expect(
        await updateChat(db, chat, user, { title: 'x' }, { ifVersion: before?.version }),
      ).toBeUndefined();
      expect(await deleteChat(db, chat, user)).toBe(false);
      expect(await restoreChat(db, chat, user)).toBeUndefined();
      expect(await hardDeleteChat(db, chat, user)).toBe(false);
    }
    expect(await getUserChats(db, other, { activeOnly: false })).toEqual([]);
    expect(await getChatCount(db, other, { activeOnly: false })).toBe(0);
    expect(await getChatById(db, chatId, owner)).toEqual(before);
  });
});

describe.each(DATABASES)('a title on $name', ({ open }) => {
  it('comes back as it was, or is refused and nothing is made', async () => {
    const db = await open();
    const unit = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('\u0000', '\ud83d', '\ude00', '🐉', "'", '\\', '%', '\n', '\u202e', 'e\u0301'),
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 12 }), async (title) => {
        const userId = newUser();
        const storable = title.isWellFormed() && !title.includes('\u0000');
        const create = createChat(db, userId, { title });
        if (storable) expect((await create).title).toBe(title);
        else
          await expect(create).rejects.toMatchObject({
            code: 'invalid_request',
            errors: [{ field: 'title' }],
          });
        expect((await getUserChats(db, userId)).map((chat) => chat.title)).toEqual(storable ? [title] : []);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, string, boolean]>([
    ['500 letters', 'ä'.repeat(500), true],
    ['501 letters', 'ä'.repeat(501), false],
    ['250 emoji', '🐉'.repeat(250), true],
    ['251 emoji', '🐉'.repeat(251), false],
    ['nothing', '', true],
  ])('of %s: is accepted or not', async (_title, title, accepted) => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { title: 'before' });
    const update = updateChat(db, chatId, userId, { title });
    if (accepted) expect(await update).toMatchObject({ title });
    else
      await expect(update).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'title' }] });
    expect((await getChatById(db, chatId, userId))?.title).toBe(accepted ? title : 'before');
  });

  it.each([7, {}, ['x']])('is a text: %j is refused', async (title) => {
    const create = createChat(await open(), newUser(), { title: title as never });
    await expect(create).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'title' }] });
  });

  it.each<unknown>(['text', 7, { a: 1 }, true, { texts: ['{},{}'] }])(
    'cannot stand with a conversation that is no list: %j',
    async (conversation) => {
      const db = await open();
      const userId = newUser();
      const refusal = { code: 'invalid_request', errors: [{ field: 'conversation' }] };
      const wrong = { title: 'x', conversation: conversation as never };
      await expect(createChat(db, userId, wrong)).rejects.toMatchObject(refusal);
      expect(await getChatCount(db, userId)).toBe(0);
    },
  );
});

/** Something in every table that belongs to a chat. */
async function fillHistory(db: Database, chatId: string, userId: string): Promise<void> {
  const session = new DatabaseSession(chatId, db, { userId });
  await session.replaceHistoryWithCompaction([{ type: 'compaction', encrypted_content: 'x' }]);
  await session.applyHistoryTransaction({
    operationId: 'op',
    transaction: { type: 'append_items', items: [{ role: 'user', content: 'x' }] },
  });
  expect(Object.keys(await rowsOf(db, chatId)).sort()).toEqual([
    'archived_items',
    'chat_items',
    'chats',
    'history_operations',
  ]);
}

/** How many rows each table has of a chat, for the tables that have any. */
async function rowsOf(db: Database, chatId: string): Promise<Record<string, number>> {
  const tables = await db.query({
    text: `select table_name from information_schema.columns
      where column_name = 'chat_id' and table_schema = current_schema()`,
  });
  const counts: Record<string, number> = {};
  for (const { table_name } of tables.rows) {
    const { rows } = await db.query({
      text: `select count(*)::int as count from ${table_name} where chat_id = $1`,
      values: [chatId],
    });
    const count = Number(rows[0]?.count);
    if (count > 0) counts[String(table_name)] = count;
  }
  return counts;
}
