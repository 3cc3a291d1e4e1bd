import { expect, test } from 'vitest';
import {
  createChat,
  DatabaseSession,
  getChatCount,
  migrate,
  openDatabase,
  setChatExpiry,
} from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { startCli, startCliServer } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

test(
  'a server purges when it starts; the command counts before, does it too, and forgets a user',
  SLOW,
  async () => {
    const DATABASE_URL = await createPostgresDatabase();
    const db = closedAfterTest(await openDatabase(DATABASE_URL));
    await migrate(db);
    const userId = newUser();
    const expire = async () => {
      const { chatId } = await createChat(db, userId);
      await new DatabaseSession(chatId, db, { userId }).addItems([userSays('a')]);
      await setChatExpiry(db, chatId, userId, new Date(0));
    };
    const run = async (...args: string[]) => {
      const program = startCli({ DATABASE_URL, QUESTLOG_KEEP_DELETED: '30' }, { args });
      expect(await program.exited, program.output()).toMatchObject({ code: 0 });
      return program.output();
    };
    await expire();
    await createChat(db, userId, { title: 'stays' });
    expect(await run('purge', '--dry-run')).toBe(
      'would remove 1 chat, 0 archived items, 0 runs, 0 rows of usage\n',
    );
    expect(await getChatCount(db, userId)).toBe(2);
    expect(await run('purge')).toBe('removed 1 chat, 0 archived items, 0 runs, 0 rows of usage\n');
    expect(await getChatCount(db, userId)).toBe(1);

    await expire();
    await startCliServer({ DATABASE_URL });
    await expect.poll(() => getChatCount(db, userId, { activeOnly: false })).toBe(1);

    expect(await run('forget', userId)).toMatch(/^removed 1 row of chats$/m);
    expect(await getChatCount(db, userId)).toBe(0);
    expect(await run('forget', userId)).toBe('nothing was stored of this user\n');
  },
);

test('to count what a purge would remove does not bring the tables up to date', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(DATABASE_URL));
  const program = startCli({ DATABASE_URL }, { args: ['purge', '--dry-run'] });
  expect(await program.exited).toMatchObject({ code: 2 });
  expect(program.output()).toContain('questlog migrate');
  const found = await db.query({ text: "select to_regclass('chats')::text as chats" });
  expect(found.rows).toEqual([{ chats: null }]);
});
