import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { newFolder, newPGliteFolder } from '../support/databases.ts';
import { type Program, startProgram } from '../support/process.ts';

/** To make a database takes three seconds, and ten times that on a busy machine. */
const MINUTES = { timeout: 120_000 };

function start(what: string, folder: string): Program {
  const program = startProgram('test/support/folder-program.ts', { args: [what, folder] });
  onTestFinished(async () => void (await program.kill()));
  return program;
}

const numbers = async (db: Database, table: string) =>
  (await query<{ n: number }>(db, { text: `select n from ${table} order by n` })).map(({ n }) => n);

describe('a data folder', () => {
  const folder = newPGliteFolder();

  beforeAll(async () => {
    const db = await openDatabase(folder);
    await db.exec('create table kept (n int); insert into kept values (1), (2)');
    await db.close();
  });

  it('keeps its data from one opening to the next', async () => {
    const db = await openDatabase(folder);
    expect(await numbers(db, 'kept')).toEqual([1, 2]);
    await db.close();
  });

  it('cannot be opened while another process has it, and is none the worse for the attempt', async () => {
    const program = start('open', folder);
    await program.line(/^open/);
    await expect(openDatabase(folder)).rejects.toMatchObject({
      code: 'database_locked',
      message: expect.stringContaining(`process ${program.pid} `),
    });
    await program.kill('SIGKILL');
    const db = await openDatabase(folder);
    expect(await numbers(db, 'kept')).toEqual([1, 2]);
    await db.close();
  });

  it('has every row that a killed process had been told is stored, and no half transaction', async () => {
    for (const acknowledged of [3, 40, 150]) {
      const program = start('append', folder);
      const first = Number((await program.line(/^stored/)).split(' ')[1]);
      await program.line(new RegExp(`^stored ${first + acknowledged}$`));
      await program.kill('SIGKILL');
      const told = Number(program.lines().at(-1)?.split(' ')[1]);
      const db = await openDatabase(folder);
      const stored = await numbers(db, 'a');
      expect(stored).toEqual(Array.from({ length: stored.length }, (_, i) => i + 1));
      expect(stored.length).toBeGreaterThanOrEqual(told);
      expect(await numbers(db, 'b')).toEqual(stored);
      await db.close();
    }
  });

  it('that cannot be opened is not left locked', async () => {
    const broken = newFolder();
    mkdirSync(join(broken, 'pglite'));
    writeFileSync(join(broken, 'pglite', 'PG_VERSION'), 'no version');
    await expect(openDatabase(broken)).rejects.toMatchObject({ code: 'database_failed' });
    expect(readdirSync(broken)).toEqual(['pglite']);
  });
});

describe('a data folder whose process is killed while it makes the database', () => {
  const unfinished = (folder: string, pid: number) => join(folder, `pglite.new-${pid}`);
  const moments: Record<string, (folder: string, pid: number) => string> = {
    'its folder appears': unfinished,
    'its catalog appears': (folder, pid) => join(unfinished(folder, pid), 'base', '1'),
    // From here on PGlite takes it for a whole database, for some milliseconds wrongly.
    'its PG_VERSION appears': (folder, pid) => join(unfinished(folder, pid), 'PG_VERSION'),
    'it is finished': (folder) => join(folder, 'pglite'),
  };

  /** @returns a folder whose process did not come to open it; undefined when the kill was too late. */
  async function killWhen(pathOf: (folder: string, pid: number) => string): Promise<string | undefined> {
    const folder = join(newFolder(), 'not', 'there yet');
    const program = start('open', folder);
    const isOpen = () => program.lines().length > 0;
    // Often, to be there in time; not without a pause, which would take the child's processor away.
    while (!existsSync(pathOf(folder, program.pid)) && !isOpen()) await wait(1);
    expect(await program.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    return isOpen() ? undefined : folder;
  }

  it.each(Object.entries(moments))(
    'can be opened by the next one, and holds a whole database and nothing else: killed when %s',
    MINUTES,
    async (_, pathOf) => {
      let folder: string | undefined;
      while (folder === undefined) folder = await killWhen(pathOf);
      const db = await openDatabase(folder);
      expect(await query(db, { text: 'select 1 as one' })).toEqual([{ one: 1 }]);
      await db.close();
      expect(readdirSync(folder)).toEqual(['pglite']);
    },
  );
});
