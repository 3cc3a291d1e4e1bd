import { expect, onTestFinished, test } from 'vitest';
import { isMigrated } from '../../src/driver/migrate.ts';
import { createChat, migrate, openDatabase } from '../../src/index.ts';
import { compiled } from '../support/compiled.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startProgram } from '../support/process.ts';
import { startCli, startCliServer } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

/** What `questlog migrate` prints. */
async function runMigrate(env: Record<string, string>, ...options: string[]): Promise<string> {
  const args = ['migrate', ...options];
  const program = startProgram(compiled('src/server/cli.ts'), { args, cwd: newFolder(), env });
  onTestFinished(async () => {
    await program.kill('SIGKILL');
  });
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  return program.lines().join('\n');
}

test('the command names what it would apply, prints it as SQL, or applies it', SLOW, async () => {
  const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_SCHEMA: 'quest' };
  const db = closedAfterTest(await openDatabase(env.DATABASE_URL, { schema: 'quest' }));
  expect(await runMigrate(env, '--dry-run')).toMatch(/^to apply: 0001-chats\.sql\nto apply: 0002-/);
  const script = await runMigrate(env, '--sql');
  expect(await isMigrated(db)).toBe(false);
  expect(await runMigrate(env)).toMatch(/^applied: 0001-chats\.sql\napplied: 0002-/);
  expect(await isMigrated(db)).toBe(true);
  for (const options of [[], ['--dry-run']]) {
    expect(await runMigrate(env, ...options)).toBe('the tables are up to date');
  }
  expect(await runMigrate(env, '--sql')).toBe('');

  // Another database, of which only an administrator may change the tables.
  const url = await createPostgresDatabase();
  await asAdmin(url, (client) => client.query(script));
  const other = closedAfterTest(await openDatabase(url, { schema: 'quest' }));
  expect(await migrate(other)).toEqual([]);
  expect(await createChat(other, newUser())).toMatchObject({ title: null });
});

test('a server that may not migrate says what to do, and starts when that is done', SLOW, async () => {
  const env = { DATABASE_URL: await createPostgresDatabase(), QUESTLOG_MIGRATE: 'off' };
  const refused = startCli(env);
  expect(await refused.exited).toMatchObject({ code: 2 });
  expect(refused.output()).toMatch(/lacks migrations \(0001-chats\.sql, .*run questlog migrate/);
  await runMigrate(env);
  const { ask } = await startCliServer(env);
  expect((await ask('GET', '/ready')).status).toBe(200);
});

test('a server writes also where the default is to read only', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  const name = new URL(DATABASE_URL).pathname.slice(1);
  await asAdmin(DATABASE_URL, (client) =>
    client.query(`alter database ${name} set default_transaction_read_only = on`),
  );
  const { ask } = await startCliServer({ DATABASE_URL });
  expect((await ask('POST', '/chats', { title: 'Quest' })).status).toBe(201);
});

test('a migration that fails is one line: what failed, why, and what to do', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  await asAdmin(DATABASE_URL, (client) => client.query('create table chats (id int primary key)'));
  for (const args of [['migrate'], ['serve']]) {
    const program = startCli({ DATABASE_URL }, { args });
    expect(await program.exited).toMatchObject({ code: 1 });
    expect(program.output()).toMatch(
      /^questlog: migration 0001-chats\.sql failed: column .* does not exist: nothing was changed; .*QUESTLOG_SCHEMA\)\n$/,
    );
  }
});

test('a command that is interrupted says how to go on', SLOW, async () => {
  const DATABASE_URL = await createPostgresDatabase();
  await asAdmin(DATABASE_URL, async (client) => {
    // As another process that migrates.
    await client.query('begin; select pg_advisory_xact_lock(5147326014)');
    const program = startCli({ DATABASE_URL }, { args: ['migrate', '--json'] });
    await expect.poll(program.output, { timeout: 60_000 }).toContain('waiting until it is done');
    expect(await program.kill('SIGINT')).toEqual({ code: 130, signal: null });
    expect(program.output()).toMatch(/\nquestlog: interrupted; the tables are as they were\n$/);
  });
});
