import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createChat, migrate, openDatabase } from '../../src/index.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { startPooler } from '../support/pooler.ts';
import { asAdmin } from '../support/postgres-server.ts';

const WAYS = [
  { way: 'a URL', place: async (url: string) => url },
  { way: 'a pooler', place: (url: string) => startPooler(url, { startupOptions: 'drops' as const }) },
  { way: 'an own pool', place: async (connectionString: string) => ownPool(connectionString) },
];

function ownPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2 });
  onTestFinished(() => pool.end());
  return pool;
}

test.each(WAYS)('through $way a database is written whose default is to read only', async ({ place }) => {
  const url = await createPostgresDatabase();
  const name = new URL(url).pathname.slice(1);
  await asAdmin(url, (client) =>
    client.query(`alter database ${name} set default_transaction_read_only = on`),
  );
  const db = closedAfterTest(await openDatabase(await place(url)));
  await migrate(db);
  expect(await createChat(db, newUser(), { title: 'Quest' })).toMatchObject({ title: 'Quest' });
});
