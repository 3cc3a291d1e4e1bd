/** Another process at a data folder, for tests that share it or kill it: `<what> <folder>`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { lockFolder } from '../../src/db/folder-lock.ts';
import { openDatabase } from '../../src/db/open.ts';
import { QuestlogError } from '../../src/errors.ts';

const [what = '', folder = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const programs: Record<string, () => Promise<void>> = {
  /** Locks the folder and holds it. */
  async lock() {
    await lockFolder(folder);
    say(`locked by ${process.pid}`);
  },

  /** Makes the folder's database, and ends. */
  async make() {
    await (await openDatabase(folder)).close();
    process.exit();
  },

  /** Opens the folder's database and holds it. */
  async open() {
    await openDatabase(folder);
    say('open');
  },

  /** Writes one row into each of two tables for every number, and says so when both are stored. */
  async append() {
    const db = await openDatabase(folder);
    await db.exec(
      'create table if not exists a (n int primary key); create table if not exists b (n int primary key)',
    );
    const [last] = (await db.query({ text: 'select coalesce(max(n), 0) as n from a' })).rows;
    for (let n = Number(last?.n) + 1; ; n += 1) {
      await db.transaction(async (tx) => {
        await tx.query({ text: 'insert into a values ($1)', values: [n] });
        await tx.query({ text: 'insert into b values ($1)', values: [n] });
      });
      say(`stored ${n}`);
    }
  },

  /** Tries to lock every folder in this one, once there is a file named `go`, and says which it got. */
  async contest() {
    say('waiting');
    while (!existsSync(join(folder, 'go'))) await tick();
    const won: string[] = [];
    for (const name of readdirSync(folder)
      .filter((entry) => entry !== 'go')
      .sort()) {
      if (await locks(join(folder, name))) won.push(name);
    }
    say(['won', ...won].join(' '));
  },
};

await programs[what]?.();
// A lock or a database that is held ends with its process: it stays until it is killed.
setInterval(() => undefined, 60_000);

async function locks(path: string): Promise<boolean> {
  try {
    await lockFolder(path);
    return true;
  } catch (error) {
    if (error instanceof QuestlogError && error.code === 'database_locked') return false;
    throw error;
  }
}
