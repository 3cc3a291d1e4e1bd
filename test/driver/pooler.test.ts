import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { DatabaseSession } from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { startPooler } from '../support/pooler.ts';
import { asAdmin } from '../support/postgres-server.ts';

const SHOWN = `select current_setting('transaction_isolation') as isolation,
  current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`;
const OURS = { isolation: 'read committed', statement: '30s', lock: '10s' };
/** As an administrator might have set them, for another application. */
const OTHERS = { isolation: 'serializable', statement: '0', lock: '0' };

async function createSerializableDatabase(): Promise<string> {
  const url = await createPostgresDatabase();
  const name = new URL(url).pathname.slice(1);
  await asAdmin(url, (client) =>
    client.query(`alter database ${name} set default_transaction_isolation = 'serializable'`),
  );
  return url;
}

describe.each(['refuses', 'drops'] as const)(
  'a transaction pooler that %s start-up options',
  (startupOptions) => {
    it('gets the settings with each transaction, and keeps none of them for others', async () => {
      const pooler = await startPooler(await createSerializableDatabase(), { startupOptions, size: 1 });
      const db = closedAfterTest(await openDatabase(pooler));
      expect(await query(db, { text: SHOWN })).toEqual([OURS]);
      expect(await db.transaction((tx) => query(tx, { text: SHOWN }))).toEqual([OURS]);
      await db.exec('create table written (n int)');
      const failing = db.transaction(async (tx) => {
        await query(tx, { text: SHOWN });
        throw new Error('mine');
      });
      await expect(failing).rejects.toThrow('mine');
      await asAdmin(pooler, async (other) => {
        expect((await other.query(SHOWN)).rows).toEqual([OTHERS]);
      });
    });

    it('takes four hundred appends of many writers at once where serializable is the default', async () => {
      const url = await createSerializableDatabase();
      const pooler = await startPooler(url, { startupOptions });
      const dbs = await Promise.all([1, 2, 3, 4].map(() => openDatabase(pooler, { poolSize: 4 })));
      dbs.forEach(closedAfterTest);
      await migrate(dbs[0] as Database);
      const [chatId, userId] = [newId(), newUser()];
      await Promise.all(
        dbs.map(async (db, who) => {
          const session = new DatabaseSession(chatId, db, { userId });
          for (let n = 0; n < 100; n += 1) await session.addItems([userSays(`${who} ${n}`)]);
        }),
      );
      expect(await new DatabaseSession(chatId, dbs[0] as Database).getItems()).toHaveLength(400);
    });
  },
);

it('a pooler whose role has the settings gets single statements without a transaction', async () => {
  const url = await createPostgresDatabase();
  const name = new URL(url).pathname.slice(1);
  await asAdmin(url, async (client) => {
    for (const setting of ["statement_timeout = '20s'", "lock_timeout = '5s'"]) {
      await client.query(`alter database ${name} set ${setting}`);
    }
  });
  const db = closedAfterTest(await openDatabase(await startPooler(url, { startupOptions: 'drops' })));
  expect(await query(db, { text: SHOWN })).toEqual([{ ...OURS, statement: '20s', lock: '5s' }]);
});

it('what an older version left in the session of a pooler is not taken for a setting of all of them', async () => {
  const pooler = await startPooler(await createSerializableDatabase(), { startupOptions: 'drops', size: 2 });
  await asAdmin(pooler, async (older) => {
    await older.query(
      `set default_transaction_isolation = 'read committed'; set statement_timeout = '30s'; set lock_timeout = '10s'`,
    );
    // On the other one: whoever comes next gets the first again.
    await older.query('select 1');
  });
  const db = closedAfterTest(await openDatabase(pooler, { poolSize: 4 }));
  const shown = await Promise.all([1, 2, 3, 4].map(() => query(db, { text: SHOWN })));
  for (const settings of shown) expect(settings).toEqual([OURS]);
});

it('a pooler in statement mode is refused, in words that say so', async () => {
  const url = await createPostgresDatabase();
  const pooler = await startPooler(url, { startupOptions: 'drops', mode: 'statement' });
  await expect(openDatabase(pooler)).rejects.toMatchObject({
    code: 'database_failed',
    message: expect.stringContaining('statement mode'),
  });
});

it('start-up options of the URL stay in effect beside ours', async () => {
  const url = new URL(await createPostgresDatabase());
  url.searchParams.set('options', '-c work_mem=12345kB -c statement_timeout=60000');
  const db = closedAfterTest(await openDatabase(url.href));
  const text = `select current_setting('work_mem') as memory, current_setting('statement_timeout') as statement`;
  expect(await query(db, { text })).toEqual([{ memory: '12345kB', statement: '30s' }]);
});
