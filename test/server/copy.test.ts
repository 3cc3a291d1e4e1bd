import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createChat, getChatCount, migrate, openDatabase } from '../../src/index.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';
import { startCli } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

/** How `questlog copy` ends, and what it says. */
async function copy(from: string, to: string, env: Record<string, string> = {}) {
  const program = startCli(env, { args: ['copy', from, to] });
  return { ...(await program.exited), output: program.output().trimEnd() };
}

/** A folder with a chat of this user. */
async function folderWith(userId: string, schema?: string): Promise<string> {
  const folder = newFolder();
  const db = await openDatabase(folder, { schema });
  await migrate(db);
  await createChat(db, userId, { title: 'A quest' });
  await db.close();
  return folder;
}

test.each([undefined, 'quest'])(
  'copies the chats of a folder, whose tables are in the schema %s, into the schema of the server',
  SLOW,
  async (schema) => {
    const userId = newUser();
    const [from, to] = [await folderWith(userId, schema), await createPostgresDatabase()];
    expect(await copy(from, to, { QUESTLOG_SCHEMA: 'quest' })).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^copied 1 chat to /),
    });
    const db = closedAfterTest(await openDatabase(to, { schema: 'quest' }));
    expect(await getChatCount(db, userId)).toBe(1);
    const again = await copy(from, to, { QUESTLOG_SCHEMA: 'quest' });
    expect(again).toMatchObject({ code: 2, output: 'questlog: the target has chats already' });
  },
);

test('refuses to copy what is not there, and makes nothing of it', SLOW, async () => {
  const [missing, empty] = [join(newFolder(), 'dta'), newFolder()];
  const to = join(newFolder(), 'to');
  for (const from of [missing, empty, await createPostgresDatabase()]) {
    const { code, output } = await copy(from, to, { QUESTLOG_SCHEMA: 'quest' });
    expect([code, output]).toEqual([
      2,
      expect.stringMatching(/^questlog: there is no database of Questlog in [^\n]+$/),
    ]);
  }
  expect([missing, to].map(existsSync)).toEqual([false, false]);
});
