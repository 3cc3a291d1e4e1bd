import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Database, query } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const NAMED = { name: 'numbers', text: 'select n from generate_series(1, $1::int) as n', values: [3] };
const NUMBERS = [{ n: 1 }, { n: 2 }, { n: 3 }];

async function openNew(options = {}): Promise<Database> {
  return closedAfterTest(await openDatabase(await createPostgresDatabase(), options));
}

/** Ends every connection to a database, as a fail-over or an administrator does. */
function terminateAll(db: Database): Promise<unknown> {
  const name = db.location.split('/').at(-1);
  return asAdmin(inject('postgres').url, (client) =>
    client.query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1', [name]),
  );
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

  it('fail a transaction once when they are lost in it, and the next one works', async () => {
    const db = await openNew({ poolSize: 1 });
    await query(db, NAMED);
    await db.query({ text: 'deallocate all' });
    const work = () => db.transaction((tx) => query(tx, NAMED));
    await expect(work()).rejects.toMatchObject({ cause: { code: '26000' } });
    expect(await work()).toEqual(NUMBERS);
  });
});

describe('connections that die', () => {
  it('are replaced: idle ones are reported, and the next statement works', async () => {
    const idle: string[] = [];
    const db = await openNew({ onIdleError: (error: Error) => idle.push(error.message) });
    await Promise.all([1, 2, 3].map(() => db.query({ text: 'select pg_sleep(0.05)' })));
    await terminateAll(db);
    await expect.poll(() => idle.length).toBe(3);
    expect(await query(db, NAMED)).toEqual(NUMBERS);
  });

  it('fail the statement and the transaction that used them, and nothing else', async () => {
    const db = await openNew({ poolSize: 2 });
    await db.exec('create table written (n int)');
    const statement = query(db, { text: 'select pg_sleep(20)' });
    const transaction = db.transaction(async (tx) => {
      await query(tx, { text: 'insert into written values (1)' });
      await terminateAll(db);
      return query(tx, { text: 'insert into written values (2)' });
    });
    for (const result of await Promise.allSettled([transaction, statement])) {
      expect(result).toMatchObject({ reason: { code: 'database_unavailable' } });
    }
    expect(await query(db, { text: 'select n from written' })).toEqual([]);
  });

  it('do not end the process in a transaction that is not using them at the moment', async () => {
    const db = await openNew({ poolSize: 1 });
    const work = db.transaction(async () => {
      await terminateAll(db);
      return 'not stored';
    });
    await expect(work).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await query(db, NAMED)).toEqual(NUMBERS);
  });
});

describe('opening PostgreSQL', () => {
  it('sets read committed and a time limit whatever the role has, without startup parameters', async () => {
    const url = await createPostgresDatabase();
    const name = new URL(url).pathname.slice(1);
    await asAdmin(url, (client) =>
      client.query(`alter database ${name} set default_transaction_isolation = 'serializable'`),
    );
    const db = closedAfterTest(await openDatabase(url));
    expect(await query(db, { text: 'show transaction_isolation' })).toEqual([
      { transaction_isolation: 'read committed' },
    ]);
    expect(await query(db, { text: 'show statement_timeout' })).toEqual([{ statement_timeout: '30s' }]);
  });

  it('fails at once where nobody listens', async () => {
    const started = performance.now();
    const opening = openDatabase('postgres://user:secret@127.0.0.1:1/none');
    await expect(opening).rejects.toMatchObject({
      code: 'database_unavailable',
      cause: { code: 'ECONNREFUSED' },
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('fails within seconds where a host takes the connection and never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await expect.poll(() => silent.listening).toBe(true);
    const { port } = silent.address() as { port: number };
    const started = performance.now();
    const opening = openDatabase(`postgres://user:secret@127.0.0.1:${port}/none`);
    await expect(opening).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(performance.now() - started).toBeLessThan(8_000);
  });

  it('breaks a connection that falls silent while it is asked, and no other', {
    timeout: 90_000,
  }, async () => {
    let isSilent = false;
    const proxy = await startTcpProxy(await createPostgresDatabase(), (answer) =>
      isSilent ? Buffer.alloc(0) : answer,
    );
    const db = closedAfterTest(await openDatabase(proxy.url));
    const thinking = db.transaction(async (tx) => {
      await query(tx, NAMED);
      await sleep(40_000);
      return query(tx, NAMED);
    });
    const lasting = db.exec('select pg_sleep(38)');
    await sleep(500);
    // On a connection that is there and is used again: a new one would fail earlier.
    await query(db, NAMED);
    isSilent = true;
    const started = performance.now();
    await expect(query(db, NAMED)).rejects.toMatchObject({ code: 'database_unavailable' });
    // The server ends a statement after 30 s: whoever waited for its lock hears of that instead.
    expect(performance.now() - started).toBeGreaterThan(30_000);
    isSilent = false;
    expect(await query(db, NAMED)).toEqual(NUMBERS);
    expect(await thinking).toEqual(NUMBERS);
    await lasting;
  });

  it('refuses a database that cannot hold every character', async () => {
    const url = await createPostgresDatabase(`encoding 'SQL_ASCII' locale 'C'`);
    await expect(openDatabase(url)).rejects.toMatchObject({
      code: 'database_failed',
      message: expect.stringContaining('UTF8, not SQL_ASCII'),
    });
  });

  it('says what is wrong with the credentials or the database, without the password', async () => {
    const url = new URL(await createPostgresDatabase());
    const wrong = [
      [Object.assign(new URL(url), { password: 'wr0ng' }), /password authentication failed/],
      [Object.assign(new URL(url), { pathname: '/nowhere' }), /database "nowhere" does not exist/],
      ['postgres://user:s3cret@host:notaport/db', /Invalid URL/],
    ] as const;
    for (const [bad, message] of wrong) {
      const error = (await openDatabase(String(bad)).catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({
        code: 'database_failed',
        cause: { message: expect.stringMatching(message) },
      });
      expect(error.message).not.toMatch(/wr0ng|s3cret/);
    }
  });
});
