import { describe, expect, inject, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';
import { type Place, startPostgresProxy } from '../support/postgres-proxy.ts';
import { asAdmin } from '../support/postgres-server.ts';

const WRITE = { name: 'write', text: 'insert into written values (1) returning n' };
const READ = { name: 'read', text: 'select n from written' };
const UNKNOWN = { code: 'outcome_unknown' };
const AWAY = { code: 'database_unavailable' };

/** A database with a table, on a way that a test breaks, and directly. */
async function stage() {
  const url = await createPostgresDatabase();
  const proxy = await startPostgresProxy(url);
  const [db, whole] = await Promise.all(
    [proxy.url, url].map((place) => openDatabase(place, { poolSize: 2, onIdleError: () => undefined })),
  );
  for (const one of [db, whole]) closedAfterTest(one as Database);
  await (whole as Database).exec('create table written (n int)');
  const breakAt = (statement: string, place: Place) => {
    proxy.breakAt = (asked) => (asked === statement ? place : undefined);
  };
  const count = async () => (await query(whole as Database, READ)).length;
  return { db: db as Database, breakAt, count };
}

describe('a connection that breaks', () => {
  it.each([
    ['before', 0],
    ['in', 0],
    ['after', 1],
  ] as const)('%s a statement that writes leaves its outcome unknown', async (place, stored) => {
    const { db, breakAt, count } = await stage();
    breakAt('write', place);
    await expect(query(db, WRITE)).rejects.toMatchObject(UNKNOWN);
    expect(await count()).toBe(stored);
  });

  it('at a statement that reads says that the database is away', async () => {
    const { db, breakAt } = await stage();
    for (const place of ['before', 'in', 'after'] as const) {
      breakAt('read', place);
      await expect(query(db, READ)).rejects.toMatchObject(AWAY);
    }
  });

  it('inside a transaction says that the database is away: nothing is stored', async () => {
    const { db, breakAt, count } = await stage();
    for (const place of ['before', 'in', 'after'] as const) {
      breakAt('read', place);
      const work = db.transaction(async (tx) => {
        await query(tx, WRITE);
        return query(tx, READ);
      });
      await expect(work).rejects.toMatchObject(AWAY);
    }
    expect(await count()).toBe(0);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('%s the commit of a change leaves its outcome unknown', async (place, stored) => {
    const { db, breakAt, count } = await stage();
    breakAt('commit', place);
    await expect(db.transaction((tx) => query(tx, WRITE))).rejects.toMatchObject(UNKNOWN);
    await expect(db.transaction((tx) => query(tx, READ))).rejects.toMatchObject(AWAY);
    expect(await count()).toBe(stored);
  });

  it('between two statements of a transaction says that the database is away', async () => {
    const { db, count } = await stage();
    const work = db.transaction(async (tx) => {
      const [own] = await query<{ pid: number }>(tx, { text: `${WRITE.text}, pg_backend_pid() as pid` });
      await asAdmin(inject('postgres').url, (client) =>
        client.query('select pg_terminate_backend($1, 10000)', [own?.pid]),
      );
    });
    await expect(work).rejects.toMatchObject(AWAY);
    expect(await count()).toBe(0);
  });
});

describe('a database that has become read-only', () => {
  it('is left for its successor by the whole pool, each connection once', async () => {
    const url = await createPostgresDatabase();
    await asAdmin(url, (client) => client.query('create table written (n int)'));
    const db = closedAfterTest(await openDatabase(url, { poolSize: 5 }));
    const READ_ONLY = { text: 'set session characteristics as transaction read only' };
    // Who connects later gets to the primary; the five that are connected do not.
    const nest = (depth: number): Promise<unknown> =>
      db.transaction(async (tx) => {
        await query(tx, READ_ONLY);
        if (depth > 1) await nest(depth - 1);
      });
    await nest(5);
    let refusals = 0;
    for (let tries = 0; tries < 20; tries += 1) {
      const write = tries % 2 === 0 ? query(db, WRITE) : db.transaction((tx) => query(tx, WRITE));
      await write.catch((error: unknown) => {
        expect(error).toMatchObject({ ...AWAY, cause: { code: '25006' } });
        refusals += 1;
      });
    }
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThanOrEqual(5);
    expect(await query(db, READ)).toHaveLength(20 - refusals);
  });
});

describe('what others made PostgreSQL roll back', () => {
  /** A function that fails with this SQLSTATE so many times. */
  const flaky = (db: Database, code: string, times: number) =>
    db.exec(`create sequence tries; create table written (n int);
      create function flaky() returns int language plpgsql as $$ begin
        if nextval('tries') <= ${times} then raise exception 'others' using errcode = '${code}'; end if;
        return 1;
      end $$`);

  it.each(['40001', '40P01'])('with %s is done again, and heard of once', async (code) => {
    const db = closedAfterTest(await openDatabase(await createPostgresDatabase()));
    await flaky(db, code, 3);
    const changes: unknown[] = [];
    db.changes.subscribe((change) => changes.push(change));
    await db.transaction(async (tx) => {
      await query(tx, WRITE);
      tx.changes?.notify({ userId: 'user' });
      await query(tx, { text: 'select flaky()' });
    });
    expect(changes).toHaveLength(1);
    expect(await query(db, READ)).toHaveLength(1);
    await db.query({ text: "select setval('tries', 1)" });
    expect(await query(db, { text: 'insert into written select flaky() returning n' })).toEqual([{ n: 1 }]);
  });

  it('again and again fails in the end', async () => {
    const db = closedAfterTest(await openDatabase(await createPostgresDatabase()));
    await flaky(db, '40001', 1_000);
    const failing = query(db, { text: 'select flaky()' });
    await expect(failing).rejects.toMatchObject({ code: 'database_failed', cause: { code: '40001' } });
  });
});
