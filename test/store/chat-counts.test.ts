import { describe, expect, it } from 'vitest';
import { readMigrations } from '../../src/driver/migrations/read-migrations.ts';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  createNewChatForUser,
  type Database,
  DatabaseSession,
  deleteChat,
  getChatCount,
  hardDeleteChat,
  migrate,
  restoreChat,
} from '../../src/index.ts';
import { mergeChatCounts } from '../../src/store/chats/chat-counts.ts';
import { DATABASES, newUser } from '../support/databases.ts';

/** What it says, beside what is there. */
async function counts(db: Database, userId: string) {
  const { rows } = await db.query({
    text: `select count(*) filter (where is_active)::int as active, count(*)::int as total from chats where user_id = $1`,
    values: [userId],
  });
  const active = await getChatCount(db, userId);
  const total = await getChatCount(db, userId, { activeOnly: false });
  return { said: { active, total }, counted: rows[0] };
}

describe.each(DATABASES)('the number of a user’s chats on $name', ({ open, openEmpty }) => {
  it('is right after each change, and after the changes were added up', async () => {
    const db = await open();
    const [userId, other] = [newUser(), newUser()];
    const [a, b] = [await createNewChatForUser(db, userId), await createNewChatForUser(db, userId)];
    const changes: [number, number, () => Promise<unknown>][] = [
      [3, 3, () => new DatabaseSession(newId(), db, { userId }).addItems([{ role: 'user', content: 'x' }])],
      [2, 3, () => deleteChat(db, a, userId)],
      [2, 3, () => mergeChatCounts(db, 100)],
      [3, 3, () => restoreChat(db, a, userId)],
      [2, 2, () => hardDeleteChat(db, b, userId)],
      [1, 2, () => deleteChat(db, a, userId)],
      [1, 1, () => hardDeleteChat(db, a, userId)],
      [
        0,
        0,
        () => db.query({ text: 'update chats set user_id = $2 where user_id = $1', values: [userId, other] }),
      ],
    ];
    for (const [active, total, change] of changes) {
      await change();
      expect(await counts(db, userId)).toEqual({ said: { active, total }, counted: { active, total } });
    }
    expect((await counts(db, other)).said).toEqual({ active: 1, total: 1 });
  });

  it('is right when many change it at once, and others add the changes up meanwhile', async () => {
    const db = await open();
    const users = [newUser(), newUser()];
    await Promise.all(
      Array.from({ length: 60 }, async (_, number) => {
        const userId = users[number % 2] as string;
        const { chatId } = await createChat(db, userId);
        if (number % 5 === 0) await mergeChatCounts(db, 100);
        if (number % 3 === 0) await deleteChat(db, chatId, userId);
        if (number % 4 === 0) await hardDeleteChat(db, chatId, userId);
      }),
    );
    await mergeChatCounts(db, 100);
    for (const userId of users) {
      const { said, counted } = await counts(db, userId);
      expect(said).toEqual(counted);
    }
  });

  it('is read from one row when the changes were added up', async () => {
    const db = await open();
    const userId = newUser();
    for (let chat = 0; chat < 5; chat++) await createChat(db, userId);
    const rows = () => db.query({ text: 'select 1 from chat_counts where user_id = $1', values: [userId] });
    expect((await rows()).rows).toHaveLength(5);
    while ((await mergeChatCounts(db, 2)) > 0);
    expect((await rows()).rows).toHaveLength(1);
    expect(await getChatCount(db, userId)).toBe(5);
  });

  it('goes back with a transaction, and to zero with the table', async () => {
    const db = await openEmpty();
    await migrate(db);
    await createChat(db, 'user');
    const failed = db.transaction(async (tx) => {
      await createChat(tx, 'user');
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await getChatCount(db, 'user')).toBe(1);
    await db.query({ text: 'truncate chats cascade' });
    expect(await getChatCount(db, 'user')).toBe(0);
  });

  it('counts the chats that were there before it was kept', async () => {
    const db = await openEmpty();
    const earlier = (await readMigrations()).filter(({ number }) => number < 8);
    for (const { script } of earlier) await db.exec(script);
    await db.exec(`insert into chats (chat_id, user_id, is_active)
      select 'chat-' || n, 'user-' || n % 2, n % 3 > 0 from generate_series(1, 12) n`);
    const later = (await readMigrations()).filter(({ number }) => number >= 8);
    for (const { script } of later) await db.exec(script);
    for (const userId of ['user-0', 'user-1']) {
      expect(await counts(db, userId)).toEqual({
        said: { active: 4, total: 6 },
        counted: { active: 4, total: 6 },
      });
    }
  });
});
