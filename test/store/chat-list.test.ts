import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  type Chat,
  createChat,
  createNewChatForUser,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatCount,
  getUserChats,
  type ListOptions,
  migrate,
  openDatabase,
  updateChat,
} from '../../src/index.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';

/** A title, and what it is found by. */
const TITLES = [
  ['The Sunless Citadel', 'sunless CIT'],
  ['ÄRGER im Wald', 'ärger'],
  ['Ärger im Wald', 'äRGER IM'],
  ['ЖУК и Ёж', 'жук И ё'],
  ['Ωμέγα', 'ωΜΈΓΑ'],
  ['Straße', 'straß'],
  ['İstanbul', 'İSTANBUL'],
  ['50 % off_\\.*', '% OFF_\\.'],
] as const;

/** Chats a few microseconds apart, around the turn of a minute, several at the same one, some of them deleted. */
const anyChats = fc.array(fc.record({ microsecond: fc.nat(4), active: fc.boolean() }), {
  minLength: 1,
  maxLength: 14,
  size: 'max',
});

describe.each(DATABASES)('the list of a user’s chats on $name', ({ open }) => {
  it('gives each chat once, in one order, however its pages are cut', async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(
        anyChats,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (chats, limit, activeOnly) => {
          const userId = await insertChats(db, chats);
          const all = await getUserChats(db, userId, { activeOnly });
          expect(all).toHaveLength(chats.filter(({ active }) => active || !activeOnly).length);
          expect(all).toHaveLength(await getChatCount(db, userId, { activeOnly }));
          const versions = all.map(({ version }) => BigInt(version));
          expect(versions).toEqual([...versions].sort((a, b) => Number(b - a)));
          expect(await pagesByCursor(db, userId, { limit, activeOnly })).toEqual(all);
          expect(await pagesBySkip(db, userId, { limit, activeOnly })).toEqual(all);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(TITLES)(
    'finds %j by %j: in any case, in the letters of any language',
    async (title, titleContains) => {
      const db = await open();
      const userId = newUser();
      const chatId = await createNewChatForUser(db, userId, title);
      await createNewChatForUser(db, userId, 'another');
      await createNewChatForUser(db, userId);
      expect(await getUserChats(db, userId, { titleContains })).toMatchObject([{ chatId, title }]);
      expect(await getChatCount(db, userId, { titleContains })).toBe(1);
    },
  );

  it('begins with the chat that was last active, whatever kind of activity it was', async () => {
    const db = await open();
    const userId = newUser();
    const [a, b, c] = [
      await createNewChatForUser(db, userId),
      await createNewChatForUser(db, userId),
      await createNewChatForUser(db, userId),
    ];
    const order = async () => (await getUserChats(db, userId)).map(({ chatId }) => chatId);
    expect(await order()).toEqual([c, b, a]);
    await new DatabaseSession(a, db).addItems([{ role: 'user', content: 'hello' }]);
    expect(await order()).toEqual([a, c, b]);
    await updateChat(db, b, userId, { title: 'new' });
    expect(await order()).toEqual([b, a, c]);
    await new DatabaseSession(a, db).popItem();
    expect(await order()).toEqual([a, b, c]);
  });

  it('leaves out what belongs to others, and the conversations', async () => {
    const db = await open();
    const [userId, other] = [newUser(), newUser()];
    await createChat(db, other);
    const chat = await createChat(db, userId, { conversation: [{ role: 'user', content: 'x' }] });
    expect(await getUserChats(db, userId)).toEqual([chat]);
    expect(await getChatCount(db, userId)).toBe(1);
  });

  it('goes on after a chat that was deleted meanwhile', async () => {
    const db = await open();
    const userId = await insertChats(
      db,
      Array.from({ length: 4 }, () => ({ microsecond: 1, active: true })),
    );
    const [first, second, third, fourth] = await getUserChats(db, userId);
    await deleteChat(db, (second as Chat).chatId, userId);
    expect(await getUserChats(db, userId, { after: second, limit: 5 })).toEqual([third, fourth]);
    expect(await getUserChats(db, userId, { after: first, limit: 1 })).toEqual([third]);
  });

  it('is empty past its end, and of a user without chats', async () => {
    const db = await open();
    const userId = newUser();
    expect(await getUserChats(db, userId)).toEqual([]);
    const chat = await createChat(db, userId);
    expect(await getUserChats(db, userId, { skip: 1 })).toEqual([]);
    expect(await getUserChats(db, userId, { skip: Number.MAX_SAFE_INTEGER })).toEqual([]);
    expect(await getUserChats(db, userId, { after: chat })).toEqual([]);
  });

  it('gives 100 chats at most', async () => {
    const db = await open();
    const userId = await insertChats(
      db,
      Array.from({ length: 103 }, () => ({ microsecond: 1, active: true })),
    );
    expect(await getUserChats(db, userId)).toHaveLength(100);
    expect(await getUserChats(db, userId, { skip: 100 })).toHaveLength(3);
    expect(await getChatCount(db, userId)).toBe(103);
  });

  it.each<[string, ListOptions]>([
    ['limit', { limit: 0 }],
    ['limit', { limit: 101 }],
    ['limit', { limit: 1.5 }],
    ['limit', { limit: Number.NaN }],
    ['limit', { limit: -1 }],
    ['skip', { skip: -1 }],
    ['skip', { skip: 0.5 }],
    ['skip', { skip: Number.POSITIVE_INFINITY }],
    ['skip', { skip: 1e300 }],
    ['after', { after: { activity: 'yesterday', chatId: 'x' } }],
    ['after', { after: { activity: '9'.repeat(30), chatId: 'x' } }],
    ['after', { after: { activity: '1', chatId: 'x\u0000' } }],
  ])('refuses a wrong %s: %j', async (field, options) => {
    const list = getUserChats(await open(), newUser(), options);
    await expect(list).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field }] });
  });
});

/** Inserts chats as they are: a change would be given the time of the database. */
async function insertChats(
  db: Database,
  chats: readonly { readonly microsecond: number; readonly active: boolean }[],
): Promise<string> {
  const userId = newUser();
  const rows = chats.map(({ microsecond, active }) => ({ chat_id: newId(), microsecond, active }));
  await db.query({
    text: `insert into chats (chat_id, user_id, is_active, updated_at)
      select chat_id, $1, active, timestamptz '2026-11-22 19:59:59.999998+00' + microsecond * interval '1 microsecond'
      from json_to_recordset($2::json) as row(chat_id text, microsecond int, active boolean)`,
    values: [userId, JSON.stringify(rows)],
  });
  return userId;
}

/** More than any test has: pages that begin again and again are wrong, not endless. */
const ENOUGH = 200;

it('finds titles where the locale of the server has other pairs of letters (a Turkish I)', async ({
  skip,
}) => {
  const turkish = createPostgresDatabase(`encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr-TR'`);
  const url = await turkish.catch((error: Error) => skip(`this server has no Turkish: ${error.message}`));
  const db = closedAfterTest(await openDatabase(url));
  await migrate(db);
  for (const [title, titleContains] of TITLES) {
    const userId = newUser();
    await createNewChatForUser(db, userId, title);
    expect(await getUserChats(db, userId, { titleContains }), title).toMatchObject([{ title }]);
  }
});

async function pagesByCursor(db: Database, userId: string, options: ListOptions): Promise<Chat[]> {
  const seen: Chat[] = [];
  while (seen.length < ENOUGH) {
    const page = await getUserChats(db, userId, { ...options, after: seen.at(-1) });
    if (page.length === 0) break;
    seen.push(...page);
  }
  return seen;
}

async function pagesBySkip(db: Database, userId: string, options: ListOptions): Promise<Chat[]> {
  const seen: Chat[] = [];
  while (seen.length < ENOUGH) {
    const page = await getUserChats(db, userId, { ...options, skip: seen.length });
    if (page.length === 0) break;
    seen.push(...page);
  }
  return seen;
}
