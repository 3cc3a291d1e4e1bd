import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atomically, query } from '../../src/driver/driver.ts';
import { createPostgresDatabase } from '../support/databases.ts';

/** An application's own `pg` client, with a transaction that the application began. */
describe("a caller's own transaction on a pg client", () => {
  let pool: pg.Pool;
  let client: pg.PoolClient;

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: await createPostgresDatabase() });
    client = await pool.connect();
    await client.query('create table events (name text primary key)');
  });

  afterAll(async () => {
    client.release();
    await pool.end();
  });

  beforeEach(async () => {
    await client.query('rollback');
    await client.query('truncate events');
  });

  const add = (name: string) => query(client, { text: 'insert into events values ($1)', values: [name] });
  const stored = async () =>
    (await pool.query('select name from events order by name')).rows.map((row) => row.name);

  it('commits our work with it', async () => {
    await client.query('begin');
    await add('theirs');
    const result = await atomically(client, null, async () => {
      await add('ours');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await stored()).toEqual([]);
    await client.query('commit');
    expect(await stored()).toEqual(['ours', 'theirs']);
  });

  it('rolls our work back with it', async () => {
    await client.query('begin');
    await atomically(client, null, () => add('ours'));
    await client.query('rollback');
    expect(await stored()).toEqual([]);
  });

  it('stays usable when our work fails, which leaves nothing', async () => {
    await client.query('begin');
    await add('theirs');
    const failing = atomically(client, null, async () => {
      await add('ours');
      await add('theirs');
    });
    await expect(failing).rejects.toMatchObject({ code: 'database_failed', cause: { code: '23505' } });
    await client.query('commit');
    expect(await stored()).toEqual(['theirs']);
  });

  it('gets back the error of our work, also when its connection died meanwhile', async () => {
    const dying = await pool.connect();
    dying.on('error', () => undefined);
    await dying.query('begin');
    const mine = new Error('mine');
    const work = atomically(dying, null, async () => {
      const { rows } = await dying.query('select pg_backend_pid() as pid');
      await client.query('select pg_terminate_backend($1, 10000)', [rows[0].pid]);
      throw mine;
    });
    await expect(work).rejects.toBe(mine);
    dying.release(true);
  });

  it('is needed: a client or a pool without one is refused before anything is written', async () => {
    for (const outside of [client, pool]) {
      const work = atomically(outside, null, () => add('ours'));
      await expect(work).rejects.toMatchObject({
        code: 'database_failed',
        message: expect.stringContaining('a client with an open transaction'),
        cause: { code: '25P01' },
      });
    }
    expect(await stored()).toEqual([]);
  });
});
