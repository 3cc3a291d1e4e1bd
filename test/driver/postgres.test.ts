import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { afterEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { closedAfterTest, createPostgresDatabase } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const NAMED = { name: 'numbers', text: 'select n from generate_series(1, $1::int) as n', values: [3] };
const NUMBERS = [{ n: 1 }, { n: 2 }, { n: 3 }];

afterEach(() => {
  vi.useRealTimers();
});

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

/** Waits until the server says this of one of a database's connections. */
async function waitUntil(db: Database, condition: string): Promise<void> {
  const name = db.location.split('/').at(-1);
  const text = `select 1 from pg_stat_activity where datname = $1 and ${condition}`;
  await asAdmin(inject('postgres').url, async (client) => {
    await expect.poll(async () => (await client.query(text, [name])).rows).toHaveLength(1);
  });
}

describe('connections that die', () => {
  it('are replaced: idle ones are reported, and the next statement works', async () => {
    const idle: string[] = [];
    const db = await openNew({ onIdleError: (error: Error) => idle.push(error.message) });
    // Each keeps its own connection until the last one has one too.
    await db.transaction(() => db.transaction(() => db.transaction((tx) => query(tx, NAMED))));
    await terminateAll(db);
    await expect.poll(() => idle.length).toBe(3);
    expect(await query(db, NAMED)).toEqual(NUMBERS);
  });

  it('fail the statement and the transaction that used them, and nothing else', async () => {
    const db = await openNew({ poolSize: 2 });
    await db.exec('create table written (n int)');
    const statement = query(db, { text: 'select pg_sleep(600)' });
    statement.catch(() => undefined);
    const transaction = db.transaction(async (tx) => {
      await query(tx, { text: 'insert into written values (1)' });
      await waitUntil(db, "wait_event = 'PgSleep'");
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

const TIMEOUT = "name = 'statement_timeout'";
/** Instead of 35 s, once nothing can come: no machine is too slow for it then. */
const SHORT_MS = 50;

/** A database on one connection, and the socket of that. */
async function openOnOneSocket(url: string) {
  const spy = vi.spyOn(Socket.prototype, 'setTimeout');
  onTestFinished(() => spy.mockRestore());
  const db = closedAfterTest(await openDatabase(url, { poolSize: 1 }));
  const { port } = new URL(url);
  const sockets = () => spy.mock.contexts as Socket[];
  const socket = () => sockets().findLast(({ remotePort }) => remotePort === Number(port)) as Socket;
  return { db, socket };
}

/** Does `work` while somebody else has the advisory lock 1. */
async function whileLocked<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const other = closedAfterTest(await openDatabase(url));
  return other.transaction(async (tx) => {
    await query(tx, { text: 'select pg_advisory_xact_lock(1)' });
    return work();
  });
}

describe('opening PostgreSQL', () => {
  it('sets read committed and time limits whatever the role has', async () => {
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
    expect(await query(db, { text: 'show lock_timeout' })).toEqual([{ lock_timeout: '10s' }]);
  });

  it('fails at once where nobody listens', async () => {
    // No timer ends as long as the test lasts: the refusal itself does it.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const opening = openDatabase('postgres://user:secret@127.0.0.1:1/none');
    await expect(opening).rejects.toMatchObject({
      code: 'database_unavailable',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('fails within seconds where a host takes the connection and never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let failed = false;
    const opening = openDatabase(`postgres://user:secret@127.0.0.1:${port}/none`).finally(() => {
      failed = true;
    });
    opening.catch(() => undefined);
    await once(silent, 'connection');
    vi.advanceTimersByTime(4_999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(failed).toBe(false);
    vi.advanceTimersByTime(1);
    await expect(opening).rejects.toMatchObject({ code: 'database_unavailable' });
  });

  it('breaks a connection that falls silent while it is asked, and no other', async () => {
    const url = await createPostgresDatabase();
    let isSilent = false;
    const proxy = await startTcpProxy(url, (answer) => (isSilent ? Buffer.alloc(0) : answer));
    const { db, socket } = await openOnOneSocket(proxy.url);
    const [limit] = await query(db, { text: `select setting::int as ms from pg_settings where ${TIMEOUT}` });
    // The server ends a statement before: whoever waited for its lock hears of that instead.
    expect([limit, socket().timeout]).toEqual([{ ms: 30_000 }, 35_000]);

    const thinking = db.transaction(async (tx) => {
      await query(tx, NAMED);
      socket().setTimeout(SHORT_MS);
      await once(socket(), 'timeout');
      socket().setTimeout(35_000);
      return query(tx, NAMED);
    });
    expect(await thinking).toEqual(NUMBERS);

    const lasting = await whileLocked(url, async () => {
      const seen = `create table seen as select setting from pg_settings where ${TIMEOUT}`;
      const script = db.exec(`${seen}; select pg_advisory_xact_lock(1)`);
      await waitUntil(db, "wait_event_type = 'Lock'");
      expect(socket().timeout).toBe(60 * 60_000);
      return { script };
    });
    await lasting.script;
    expect(await query(db, { text: 'select setting from seen' })).toEqual([{ setting: '0' }]);
    expect(socket().timeout).toBe(35_000);

    isSilent = true;
    const asked = query(db, NAMED);
    // On a connection that is there and is used again: a new one would fail earlier.
    socket().setTimeout(SHORT_MS);
    await expect(asked).rejects.toMatchObject({ code: 'database_unavailable' });
    isSilent = false;
    expect(await query(db, NAMED)).toEqual(NUMBERS);
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
