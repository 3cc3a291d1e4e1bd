import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { isMigrated, migrate } from '../../src/driver/migrate.ts';
import { openDatabase } from '../../src/index.ts';
import { compiled } from '../support/compiled.ts';
import { closedAfterTest, createPostgresDatabase, newFolder } from '../support/databases.ts';
import { migrateTo } from '../support/levels.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startProgram } from '../support/process.ts';

/** The next one alters `chats`, which waits for whoever reads it. */
const LEVEL = 15;

async function openOlder(): Promise<{ readonly url: string; readonly db: Database }> {
  const url = await createPostgresDatabase();
  const db = closedAfterTest(await openDatabase(url));
  await migrateTo(db, LEVEL);
  await db.exec(`insert into chats (chat_id, user_id) values ('chat', 'ann')`);
  return { url, db };
}

/** Reads `chats` in a transaction that ends when it is told, or with the test. */
async function holdReader(url: string): Promise<{ readonly pid: number; end(): Promise<void> }> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let done: Promise<void> = Promise.resolve();
  const pid = await new Promise<number>((resolve, reject) => {
    done = asAdmin(url, async (client) => {
      await client.query(`set application_name = 'nightly-report'`);
      await client.query('begin');
      await client.query('select from chats');
      const { rows } = await client.query('select pg_backend_pid() as pid');
      resolve(rows[0].pid);
      await ended;
    });
    done.catch(reject);
  });
  const stop = () => {
    end();
    return done;
  };
  onTestFinished(stop);
  return { pid, end: stop };
}

const append = (db: Database, position: number) =>
  db.transaction(async (tx) => {
    await query(tx, { text: `update chats set next_position = next_position + 1 where chat_id = 'chat'` });
    await query(tx, {
      text: `insert into chat_items (chat_id, user_id, position, item) values ('chat', 'ann', $1, '{}')`,
      values: [position],
    });
  });

const readLevel = async (db: Database) => {
  const [row] = await query<{ level: number }>(db, {
    text: 'select max(number) as level from questlog_migrations',
  });
  return row?.level;
};

describe('migrating while somebody reads for long', () => {
  it('waits for the reader and says so; what others write goes on, and it is done when the reader is', async () => {
    const { url, db } = await openOlder();
    const reader = await holdReader(url);
    const told: string[] = [];
    const migrated = migrate(db, { onWait: (words) => told.push(words) });
    let written = 0;
    // Each of them waits no longer than one attempt, and none is refused.
    while (told.length < 3) {
      await append(db, written);
      written += 1;
    }
    expect(written).toBeGreaterThan(told.length);
    expect(await readLevel(db)).toBe(LEVEL);
    await reader.end();
    expect((await migrated)[0]).toMatch(/^0016-/);
    expect(await isMigrated(db)).toBe(true);
    expect(await query(db, { text: 'select count(*)::int as items from chat_items' })).toEqual([
      { items: written },
    ]);
    const who = `process ${reader.pid} \\(nightly-report, role \\w+, for \\d+ s\\)`;
    // Others may have begun before it, too.
    for (const [i, words] of told.entries()) {
      expect(words).toMatch(
        new RegExp(
          `^the migration waits for ${who}.*: attempt ${i + 1} of 20, the next one in ${0.5 * 2 ** i} s$`,
        ),
      );
    }
  });

  it('gives up after its attempts, names who was in the way, and has changed nothing', async () => {
    const { url, db } = await openOlder();
    const reader = await holdReader(url);
    await expect(migrate(db, { attempts: 1 })).rejects.toMatchObject({
      code: 'database_busy',
      message: expect.stringMatching(
        new RegExp(
          `in 1 attempts, because of process ${reader.pid} \\(nightly-report, .*: nothing was changed`,
        ),
      ),
    });
    expect(await readLevel(db)).toBe(LEVEL);
    expect(await query(db, { text: `select to_regclass('usage_days') as there` })).toEqual([{ there: null }]);
    await append(db, 0);
    await reader.end();
    await migrate(db, { attempts: 1 });
    expect(await isMigrated(db)).toBe(true);
  });

  it('is said by the command, which takes the number of attempts', async () => {
    const { url, db } = await openOlder();
    const reader = await holdReader(url);
    const run = (...args: string[]) => {
      const program = startProgram(compiled('src/server/cli.ts'), {
        args: ['migrate', ...args],
        cwd: newFolder(),
        env: { DATABASE_URL: url },
      });
      onTestFinished(async () => {
        await program.kill('SIGKILL');
      });
      return program;
    };
    const wrong = run('--attempts', 'many');
    expect(await wrong.exited).toMatchObject({ code: 2 });
    expect(wrong.output()).toContain('attempts must be a positive whole number');
    const impatient = run('--attempts', '2');
    expect(await impatient.exited).toMatchObject({ code: 1 });
    expect(impatient.output()).toMatch(
      /waits for process \d+ \(nightly-report.*attempt 1 of 2.*\n.*nothing was changed/,
    );
    const patient = run();
    await expect.poll(() => patient.output()).toContain('attempt 1 of 20');
    await reader.end();
    expect(await patient.exited).toMatchObject({ code: 0 });
    expect(await isMigrated(db)).toBe(true);
  });
});

describe('migrating while another process does', () => {
  it('waits for it, and says so', async () => {
    const { url, db } = await openOlder();
    const reader = await holdReader(url);
    const other = closedAfterTest(await openDatabase(url, { poolSize: 1 }));
    let isWaiting = () => {};
    const waits = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    const first = migrate(db, { onWait: isWaiting });
    await waits;
    const told: string[] = [];
    const second = migrate(other, { onWait: (words) => told.push(words) });
    await expect
      .poll(() => told)
      .toEqual(['another process migrates or distributes this database: waiting until it is done']);
    await reader.end();
    expect(await first).toHaveLength(3);
    expect(await second).toEqual([]);
  });
});
