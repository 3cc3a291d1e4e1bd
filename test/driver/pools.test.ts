import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createChat, DatabaseSession, migrate, openDatabase } from '../../src/index.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });

async function ownPool(config: pg.PoolConfig = {}): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: await createPostgresDatabase(), max: 3, ...config });
  onTestFinished(() => (pool.ended ? undefined : pool.end()));
  return pool;
}

test.each([undefined, 'quest'])(
  'a pool of the application is a database, which settings of Questlog do not leave (schema %s)',
  async (schema) => {
    const pool = await ownPool();
    const db = await openDatabase(pool, { schema });
    await migrate(db);
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    const session = new DatabaseSession(chatId, db, { userId });
    await Promise.all(Array.from({ length: 40 }, (_, n) => session.addItems([said(String(n))])));
    expect(await session.getItems()).toHaveLength(40);
    const shown = await pool.query(
      `select current_setting('statement_timeout') as timeout, current_schema() as schema`,
    );
    expect(shown.rows).toEqual([{ timeout: '0', schema: 'public' }]);
    await db.close();
    expect(pool.ended).toBe(false);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(pool.idleCount).toBe(pool.totalCount);
    await expect(createChat(db, userId)).rejects.toMatchObject({ code: 'database_closed' });
  },
);

test('a pool has no more of its interface than connect, query and release', async () => {
  const pool = await ownPool();
  const bare = {
    connect: async () => {
      const client = await pool.connect();
      return {
        query: (config: pg.QueryConfig) => client.query(config),
        release: (fault?: Error | boolean) => client.release(fault),
      };
    },
  };
  const db = closedAfterTest(await openDatabase(bare));
  await migrate(db);
  const { chatId, userId } = await createChat(db, newUser());
  await new DatabaseSession(chatId, db, { userId }).addItems([said('a')]);
  expect(await new DatabaseSession(chatId, db).getItems()).toEqual([said('a')]);
});

test('a connection that breaks is not given back to the application’s pool', async () => {
  const pool = await ownPool({ max: 1 });
  pool.on('error', () => undefined);
  const db = closedAfterTest(await openDatabase(pool));
  const killed = db.query({ text: 'select pg_terminate_backend(pg_backend_pid())' });
  await expect(killed).rejects.toMatchObject({ code: 'database_unavailable' });
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('what is no pool is refused in words', async () => {
  const client = new pg.Client({ connectionString: await createPostgresDatabase() });
  onTestFinished(() => client.end());
  const places: unknown[] = [client, undefined, null, 7, {}, { connect: 'me' }];
  for (const place of places) {
    await expect(openDatabase(place as string)).rejects.toMatchObject({
      ...{ code: 'invalid_request', errors: [{ field: 'url' }] },
    });
  }
});
