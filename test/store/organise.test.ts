import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Chat,
  type ChatChanges,
  type ChatFilter,
  createChat,
  DatabaseSession,
  getChatById,
  getChatCount,
  getUserChats,
  updateChat,
} from '../../src/index.ts';
import { getChangedChats } from '../../src/store/chats/changed-chats.ts';
import { userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import {
  anyFilter,
  anyMetadata,
  anyStep,
  anyTags,
  type Expected,
  inPages,
  isListed,
  take,
  toExpected,
} from './organised-model.ts';

describe.each(DATABASES)('a list of organised chats on $name', ({ open }) => {
  it('has, in pages of any size, what a model of any history of changes has, and is counted alike', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 3, maxLength: 14, size: 'max' }),
        fc.array(anyFilter, { minLength: 3, maxLength: 6 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, filters, limit) => {
          const userId = newUser();
          let chats: readonly Expected[] = [];
          for (const step of steps) chats = await take(db, userId, chats, step);
          for (const filter of [{}, { archived: true }, ...filters]) {
            const listed = await inPages(db, userId, filter, limit);
            expect(listed.map(toExpected)).toEqual(chats.filter((chat) => isListed(chat, filter)));
            expect(await getChatCount(db, userId, filter)).toBe(listed.length);
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it('keeps a chat in its place when it is organised, also as it was already; its version grows and is told', async () => {
    const db = await open();
    const userId = newUser();
    const older = await createChat(db, userId, { title: 'older' });
    const newer = await createChat(db, userId, { title: 'newer' });
    let { version } = older;
    for (const changes of [
      { isPinned: true },
      { isPinned: true },
      { tags: ['a'] },
      { metadata: {} },
      { isArchived: false },
    ]) {
      const changed = (await updateChat(db, older.chatId, userId, changes)) as Chat;
      expect([changed.updatedAt, changed.activity]).toEqual([older.updatedAt, older.activity]);
      expect(BigInt(changed.version)).toBeGreaterThan(BigInt(version));
      const told = await getChangedChats(db, userId, Number(version), 10);
      const mine = told.filter(({ chatId }) => chatId === older.chatId);
      expect(mine.map((one) => String(one.version))).toEqual([changed.version]);
      version = changed.version;
    }
    expect((await getUserChats(db, userId)).map(({ title }) => title)).toEqual(['newer', 'older']);
    const both = (await updateChat(db, older.chatId, userId, { isPinned: false, title: 'x' })) as Chat;
    expect(BigInt(both.activity)).toBeGreaterThan(BigInt(newer.activity));
    const { chatId } = older;
    await expect(updateChat(db, chatId, userId, { tags: [] }, { ifVersion: version })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  it('has versions that grow with each change, whoever organises and appends at once', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const seen = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        if (index % 2 === 0) return (await updateChat(db, chatId, userId, { tags: [`t${index}`] }))?.version;
        await new DatabaseSession(chatId, db, { userId }).addItems([userSays('x')]);
        return undefined;
      }),
    );
    const before = (await getChatById(db, chatId, userId)) as Chat;
    const organised = seen.filter((version) => version !== undefined);
    expect(new Set(organised).size).toBe(organised.length);
    for (const version of organised) expect(BigInt(before.version)).toBeGreaterThanOrEqual(BigInt(version));
    await new DatabaseSession(chatId, db, { userId }).addItems([userSays('y')]);
    const after = (await getChatById(db, chatId, userId)) as Chat;
    expect(BigInt(after.version)).toBeGreaterThan(BigInt(before.version));
  });

  it('has an append, whose statement began before the chat was organised, at a later version', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    // As a statement that had to wait for the row: its moment lies before that of the change it waited for.
    await db.query({
      text: `update chats set organised_at = clock_timestamp() where chat_id = $1 and user_id = $2`,
      values: [chatId, userId],
    });
    const before = (await getChatById(db, chatId, userId)) as Chat;
    await db.query({
      text: `update chats set updated_at = updated_at + interval '1 microsecond' where chat_id = $1 and user_id = $2`,
      values: [chatId, userId],
    });
    const after = (await getChatById(db, chatId, userId)) as Chat;
    expect(BigInt(after.version)).toBeGreaterThan(BigInt(before.version));
  });
});

describe.each(DATABASES)('what organises a chat on $name', ({ open }) => {
  it('comes back as it was, to the last key in its order', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(anyMetadata, anyTags, async (metadata, tags) => {
        const userId = newUser();
        const chat = await createChat(db, userId, { metadata, tags });
        const text = JSON.stringify(metadata);
        expect([JSON.stringify(chat.metadata), chat.tags]).toEqual([text, tags]);
        const listed = await getUserChats(db, userId);
        expect(JSON.stringify(listed[0]?.metadata)).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, ChatChanges]>([
    ['isPinned', { isPinned: 'yes' as never }],
    ['isArchived', { isArchived: null as never }],
    ['tags', { tags: 'a' as never }],
    ['tags', { tags: Array.from({ length: 51 }, (_, index) => `${index}`) }],
    ['tags[1]', { tags: ['a', ''] }],
    ['tags[0]', { tags: ['x'.repeat(65)] }],
    ['tags[0]', { tags: [' a'] }],
    ['tags[0]', { tags: ['a\n'] }],
    ['tags[1]', { tags: ['a', 'a'] }],
    ['tags[0]', { tags: ['\u0000'] }],
    ['tags[0]', { tags: ['\ud83d'] }],
    ['tags[0]', { tags: [7 as never] }],
    ['tags[0]', { tags: new Array(1) }],
    ['metadata', { metadata: [] as never }],
    ['metadata', { metadata: null as never }],
    ['metadata', { metadata: 'a' as never }],
    ['metadata', { metadata: { a: 'ä'.repeat(8_189) } }],
    ['metadata.a', { metadata: { a: () => 1 } }],
    ['metadata.a.b', { metadata: { a: { b: Number.NaN } } }],
    ['metadata.a', { metadata: { a: new Uint8Array(2) } }],
    ['metadata.a', { metadata: { a: new Date() } }],
  ])('is refused by the name of the field: %s in %j', async (field, changes) => {
    const db = await open();
    const userId = newUser();
    const before = await createChat(db, userId, { tags: ['kept'] });
    const refusal = { code: 'invalid_request', errors: [{ field }] };
    await expect(updateChat(db, before.chatId, userId, changes)).rejects.toMatchObject(refusal);
    await expect(createChat(db, userId, changes)).rejects.toMatchObject(refusal);
    expect(await getUserChats(db, userId)).toEqual([before]);
  });

  it.each<[string, ChatFilter]>([
    ['tags', { tags: 'a' as never }],
    ['tags', { tags: null as never }],
    ['pinned', { pinned: null as never }],
    ['archived', { archived: 'false' as never }],
    ['tags[0]', { tags: [7 as never] }],
    ['tags[0]', { tags: ['\u0000'] }],
    ['metadata', { metadata: [] as never }],
    ['metadata.a', { metadata: { a: null as never } }],
    ['metadata.a', { metadata: { a: {} as never } }],
    ['metadata.a', { metadata: { a: '\u0000' } }],
    ['metadata.\u0000', { metadata: { '\u0000': 'a' } }],
  ])('is not looked for by what it cannot be: %s in %j', async (field, filter) => {
    const db = await open();
    const refusal = { code: 'invalid_request', errors: [{ field }] };
    await expect(getUserChats(db, newUser(), filter)).rejects.toMatchObject(refusal);
    await expect(getChatCount(db, newUser(), filter)).rejects.toMatchObject(refusal);
  });

  it('may be 16 KB of metadata, 50 tags of 64 letters', async () => {
    const db = await open();
    const userId = newUser();
    const metadata = { a: 'ä'.repeat(8_188) };
    const tags = Array.from({ length: 50 }, (_, index) => `${index}`.padStart(64, 'x'));
    const { chatId } = await createChat(db, userId, { metadata, tags });
    expect(await getUserChats(db, userId, { tags, metadata })).toMatchObject([{ chatId, metadata, tags }]);
  });
});
