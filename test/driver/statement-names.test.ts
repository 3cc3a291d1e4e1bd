import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';

const NAMED = { name: 'numbers', text: 'select n from generate_series(1, $1::int) as n', values: [3] };
const NUMBERS = [{ n: 1 }, { n: 2 }, { n: 3 }];

async function openNew(options = {}): Promise<Database> {
  return closedAfterTest(await openDatabase(await createPostgresDatabase(), options));
}

const prepared = (db: Database) =>
  query(db, { text: 'select name from pg_prepared_statements order by name' });

describe('named statements', () => {
  it('are prepared once, under a name that changes with the text', async () => {
    const db = await openNew({ poolSize: 1 });
    for (const text of [NAMED.text, NAMED.text, `${NAMED.text} order by 1`]) {
      expect(await query(db, { ...NAMED, text })).toEqual(NUMBERS);
    }
    const names = await prepared(db);
    expect(names).toHaveLength(2);
    for (const row of names) expect(row).toEqual({ name: expect.stringMatching(/^numbers_[0-9a-f]{12}$/) });
  });

  it('run unnamed from the moment that one is lost', async () => {
    const db = await openNew({ poolSize: 1 });
    await query(db, NAMED);
    await db.query({ text: 'deallocate all' });
    expect(await query(db, NAMED)).toEqual(NUMBERS);
    expect(await query(db, NAMED)).toEqual(NUMBERS);
    expect(await prepared(db)).toEqual([]);
  });

  it('run unnamed where another session took the name, as behind a pooler', async () => {
    const url = await createPostgresDatabase();
    const first = closedAfterTest(await openDatabase(url, { poolSize: 1 }));
    await query(first, NAMED);
    const [taken] = await query<{ name: string }>(first, { text: 'select name from pg_prepared_statements' });
    const db = closedAfterTest(await openDatabase(url, { poolSize: 1 }));
    await db.query({ text: `prepare ${taken?.name} as select 'somebody else''s'` });
    expect(await query(db, NAMED)).toEqual(NUMBERS);
  });

  it('run unnamed also in a transaction that lost one, and in all that lost one at once', async () => {
    const db = await openNew({ poolSize: 4 });
    // Each transaction keeps its own connection until the last one has one too.
    const losing = (connections: number): Promise<unknown> =>
      db.transaction(async (tx) => {
        await query(tx, NAMED);
        await query(tx, { text: 'deallocate all' });
        if (connections > 1) await losing(connections - 1);
      });
    await losing(4);
    const alone = () => query(db, NAMED);
    const inTransaction = () => db.transaction((tx) => query(tx, NAMED));
    const all = await Promise.all([alone(), inTransaction(), alone(), inTransaction()]);
    for (const rows of all) expect(rows).toEqual(NUMBERS);
  });
});
