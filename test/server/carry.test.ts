import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createChat, getChatCount, migrate, openDatabase } from '../../src/index.ts';
import { compiled } from '../support/compiled.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';
import { startCli } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 240_000 };

/** How a command ends on the database in a folder, and what it says. */
async function call(folder: string, ...args: string[]) {
  const program = startCli({ QUESTLOG_DATA_DIR: folder }, { args });
  return { ...(await program.exited), output: program.output() };
}

test('all chats of a user are written to a file, and imported for another one, once', SLOW, async () => {
  const [folder, empty] = [newFolder(), newFolder()];
  const [userId, other] = [newUser(), newUser()];
  const db = await openDatabase(folder);
  await migrate(db);
  for (const title of ['one', 'two']) {
    await createChat(db, userId, { title, conversation: [{ role: 'user', content: title }] });
  }
  await db.close();
  const file = join(newFolder(), 'chats.jsonl');
  const exported = await call(folder, 'export', '--user', userId, '--to', file);
  expect(exported).toMatchObject({ code: 0, output: 'exported 2 chats, 2 items\n' });
  expect(await call(folder, 'export', '--user', userId, '--to', file)).toMatchObject({
    code: 2,
    output: `questlog: ${file} is there already: name another file\n`,
  });
  const written = readFileSync(file, 'utf8');
  expect(await call(folder, 'export', '--user', userId)).toMatchObject({
    code: 0,
    output: expect.stringContaining(written),
  });

  const dry = await call(empty, 'import', '--user', other, '--dry-run', file);
  expect(dry.output).toContain('2 chats with 2 items would be imported, 0 already there\n');
  writeFileSync(file, written.slice(0, -100));
  expect(await call(empty, 'import', '--user', other, file)).toMatchObject({
    code: 1,
    output: expect.stringMatching(
      /1 chat with 1 item imported[\s\S]*skipped [^\n]+: [\s\S]*the source was cut off/,
    ),
  });
  writeFileSync(file, written);
  expect(await call(empty, 'import', '--user', other, file)).toMatchObject({
    code: 0,
    output: expect.stringContaining('1 chat with 1 item imported, 1 already there\n'),
  });
  const target = closedAfterTest(await openDatabase(empty));
  expect(await getChatCount(target, other)).toBe(2);
});

test('to say what would be imported does not bring the tables up to date', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(DATABASE_URL));
  await migrate(db);
  await db.exec('delete from questlog_migrations where number > 15');
  const file = join(newFolder(), 'chats.jsonl');
  writeFileSync(
    file,
    '{"type":"export","format":"questlog","version":1}\n{"type":"end","chats":0,"left_out":0}\n',
  );
  const program = startCli({ DATABASE_URL }, { args: ['import', '--user', 'u', '--dry-run', file] });
  expect(await program.exited, program.output()).toMatchObject({ code: 2 });
  expect(program.output()).toContain('lacks migrations (0016-organise.sql');
  const { rows } = await db.query({ text: 'select max(number) as last from questlog_migrations' });
  expect(rows).toEqual([{ last: 15 }]);
});

test('what an import lacks is told in words, and nothing is made', SLOW, async () => {
  const folder = newFolder();
  for (const [args, words] of [
    [['export'], '--user says whose chats'],
    [['import', 'x.json'], '--user or --users-from-source says'],
    [['import', '--user', 'u', '--users-from-source', 'x.json'], '--user or --users-from-source says'],
    [
      ['import', '--user', 'u', '--from', 'grok', 'x.json'],
      '--from must be one of questlog, chatgpt, python-sdk, mastra',
    ],
    [['import', '--user', 'u', 'missing.json'], 'missing.json cannot be read'],
    [['import', '--user', 'u', '--from', 'mastra', 'x.db'], 'mastra is read from a postgres:// URL'],
    [['import', '--user', 'u'], 'usage: questlog import [--user ID] [--from FORMAT]'],
  ] as const) {
    const { code, output } = await call(folder, ...args);
    expect([code, output]).toEqual([2, expect.stringContaining(words)]);
  }
});

test('an export whose reader has had enough ends without a word', SLOW, async () => {
  const [folder, userId] = [newFolder(), newUser()];
  const db = await openDatabase(folder);
  await migrate(db);
  // More than a pipe holds.
  for (let chat = 0; chat < 20; chat += 1)
    await createChat(db, userId, { conversation: [{ role: 'user', content: 'x'.repeat(100_000) }] });
  await db.close();
  const child = spawn(process.execPath, [compiled('src/server/cli.ts'), 'export', '--user', userId], {
    env: { PATH: process.env.PATH, QUESTLOG_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(words).toBe('');
});
