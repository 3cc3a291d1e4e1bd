import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  type Database,
  DatabaseSession,
  deleteChat,
  forkChat,
  getChatById,
  getUserChats,
  hardDeleteChat,
  rateItem,
  updateChat,
} from '../../src/index.ts';
import { anyItem, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { sentBy } from '../support/plans.ts';

describe.each(DATABASES)('a fork of a chat on $name', ({ open }) => {
  it('has the texts of all items up to the position, at their positions, and no other; the chat stays as it is', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem, { maxLength: 8 }),
        fc.nat(),
        fc.boolean(),
        async (items, pick, isWhole) => {
          const userId = newUser();
          const { chatId } = await createChat(db, userId, { title: 'T', conversation: items });
          const rows = await rowsOf(db, chatId);
          const position = isWhole || rows.length === 0 ? undefined : pick % rows.length;
          const before = await getChatById(db, chatId, userId);
          const fork = await forkChat(db, chatId, userId, { position });
          const copied = rows.slice(0, position === undefined ? rows.length : position + 1);
          expect(await rowsOf(db, String(fork?.chatId))).toEqual(copied);
          expect(fork).toMatchObject({
            title: 'T',
            forkedFrom: { chatId, position: copied.length === 0 ? null : copied.length - 1 },
          });
          expect(await getChatById(db, chatId, userId)).toEqual(before);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('takes tags and metadata along, and neither the pin nor the archive; it goes on by itself', async () => {
    const db = await open();
    const userId = newUser();
    const organised = { isPinned: true, isArchived: true, tags: ['a'], metadata: { k: 1 } };
    const { chatId } = await createChat(db, userId, {
      title: 'T',
      conversation: [userSays('a'), userSays('b')],
      ...organised,
    });
    await rateItem(db, chatId, userId, 0, { rating: 'up' });
    const session = new DatabaseSession(chatId, db, { userId });
    const fork = await session.fork({ position: 0, title: null });
    await fork.addItems([userSays('c')]);
    await session.addItems([userSays('d')]);
    expect(await fork.getItems()).toEqual([userSays('a'), userSays('c')]);
    expect(await session.getItems()).toEqual([userSays('a'), userSays('b'), userSays('d')]);
    const [listed] = await getUserChats(db, userId);
    expect(listed).toMatchObject({
      chatId: await fork.getSessionId(),
      title: null,
      isPinned: false,
      isArchived: false,
      tags: ['a'],
      metadata: { k: 1 },
      forkedFrom: { chatId, position: 0 },
    });
    await hardDeleteChat(db, chatId, userId);
    expect(await fork.getItems()).toEqual([userSays('a'), userSays('c')]);
    expect((await getUserChats(db, userId))[0]?.forkedFrom).toEqual({ chatId, position: 0 });
  });

  it('is one statement, of a history as it is: with gaps, and without what is set aside', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: ['a', 'b', 'c'].map(userSays) });
    const session = new DatabaseSession(chatId, db, { userId });
    await session.setAside(1);
    await session.addItems([userSays('d')]);
    const sent = await sentBy(db, (spy) => forkChat(spy, chatId, userId));
    expect(sent).toHaveLength(1);
    const [fork] = await getUserChats(db, userId);
    const forked = new DatabaseSession(String(fork?.chatId), db, { userId });
    expect(await forked.getItems()).toEqual(['a', 'b', 'd'].map(userSays));
    expect(await forked.listAlternatives()).toEqual([]);
    expect((await rowsOf(db, String(fork?.chatId))).map(({ position }) => position)).toEqual(['0', '1', '4']);
  });

  it('is not made of what is not there for this user, nor up to a place where no item is', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [userSays('a')] });
    expect(await forkChat(db, chatId, newUser())).toBeUndefined();
    expect(await forkChat(db, newId(), userId)).toBeUndefined();
    for (const position of [1, -1, 0.5, 2 ** 53, '0' as never])
      await expect(forkChat(db, chatId, userId, { position })).rejects.toMatchObject({
        code: 'invalid_request',
        errors: [{ field: 'position' }],
      });
    await expect(forkChat(db, chatId, userId, { title: '\u0000' })).rejects.toMatchObject({
      errors: [{ field: 'title' }],
    });
    const theirs = new DatabaseSession(chatId, db, { userId: newUser() });
    await expect(theirs.fork()).rejects.toMatchObject({ code: 'chat_not_found' });
    await updateChat(db, chatId, userId, { conversation: null });
    await expect(forkChat(db, chatId, userId, { position: 0 })).rejects.toMatchObject({
      errors: [{ field: 'position' }],
    });
    await deleteChat(db, chatId, userId);
    expect(await forkChat(db, chatId, userId)).toBeUndefined();
    expect(await forkChat(db, chatId, userId, { position: 0 })).toBeUndefined();
    expect(await getUserChats(db, userId)).toEqual([]);
  });
});

async function rowsOf(db: Database, chatId: string) {
  const { rows } = await db.query({
    text: `select position::text, item::text, created_at::text, is_blocked, feedback::text
      from chat_items where chat_id = $1 order by position`,
    values: [chatId],
  });
  return rows;
}
