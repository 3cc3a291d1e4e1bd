/** Another process at a data folder, for tests that share it or kill it: `<what> <folder> [rivals]`. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { openDatabase } from '../../src/database/open.ts';
import { lockFolder } from '../../src/driver/pglite/folder-lock.ts';
import { QuestlogError } from '../../src/errors.ts';

const [what = '', folder = '', rivals = ''] = process.argv.slice(2);
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

  /** Locks every folder in this one, each at the moment when all rivals are there, and says which it got. */
  async contest() {
    const won: string[] = [];
    for (const name of readdirSync(folder).sort()) {
      const arena = join(folder, name);
      writeFileSync(join(arena, `rival-${process.pid}`), '');
      const present = () => readdirSync(arena).filter((entry) => entry.startsWith('rival-')).length;
      while (present() < Number(rivals)) await tick();
      if (await locks(arena)) won.push(name);
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
