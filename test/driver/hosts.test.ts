import { expect, onTestFinished, test } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { splitHosts } from '../../src/driver/postgres/pool.ts';
import { createChat, DatabaseSession, migrate, openDatabase } from '../../src/index.ts';
import { busAt } from '../../src/live/bus-at.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { freePort } from '../support/local-server.ts';
import { asAdmin, startPostgres } from '../support/postgres-server.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });

/** One URL of several servers, the account of the first. */
function join(urls: readonly string[], attributes = ''): string {
  const [first] = urls.map((url) => new URL(url)) as [URL];
  const account = `${first.username}:${first.password}`;
  return `postgres://${account}@${urls.map((url) => new URL(url).host).join(',')}${first.pathname}${attributes}`;
}

test('each host of a URL has the account, the database and the options', () => {
  expect(splitHosts('postgres://u:p%2C@a:1,b,[::1]:3/n?x=1,2')).toEqual([
    'postgres://u:p%2C@a:1/n?x=1,2',
    'postgres://u:p%2C@b/n?x=1,2',
    'postgres://u:p%2C@[::1]:3/n?x=1,2',
  ]);
  expect(splitHosts('nats://a,b')).toEqual(['nats://a,b']);
});

test('writes follow a standby that is promoted, and so does the bus', { timeout: 120_000 }, async () => {
  const primary = await startPostgres(['fsync=off', 'wal_keep_size=1GB']);
  onTestFinished(() => primary.stop());
  const standby = await startPostgres(['fsync=off'], primary);
  onTestFinished(() => standby.stop());
  // The standby comes first: it answers, and takes no writes.
  const url = join([standby.url, primary.url], '?target_session_attrs=read-write');
  const db = closedAfterTest(await openDatabase(url));
  await migrate(db);
  const userId = newUser();
  const { chatId } = await createChat(db, userId);
  const session = new DatabaseSession(chatId, db, { userId });
  await session.addItems([said('before')]);
  let connections = 0;
  const bus = await busAt(url)({
    message: () => undefined,
    connected: () => {
      connections += 1;
    },
    lost: () => undefined,
  });
  onTestFinished(() => bus.close());
  await expect.poll(() => connections).toBe(1);

  const caughtUp = 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as yes';
  const [{ lsn } = {}] = await query<{ lsn: string }>(db, {
    text: 'select pg_current_wal_lsn()::text as lsn',
  });
  await asAdmin(standby.url, async (client) => {
    await expect.poll(async () => (await client.query(caughtUp, [lsn])).rows[0]?.yes).toBe(true);
    process.kill(primary.pid, 'SIGKILL');
    await client.query('select pg_promote()');
  });
  const append = () =>
    session.addItems([said('after')]).then(
      () => 'stored',
      (error: { code: string }) => error.code,
    );
  await expect.poll(append, { timeout: 30_000 }).toBe('stored');
  expect(await session.getItems()).toEqual([said('before'), said('after')]);
  await expect.poll(() => connections, { timeout: 30_000 }).toBe(2);
});

test('a host that is not there is passed over, and when none is the failure says so', async () => {
  const url = await createPostgresDatabase();
  const dead = Object.assign(new URL(url), { port: String(await freePort()) }).href;
  const db = closedAfterTest(await openDatabase(join([dead, url].map(String))));
  expect(await query(db, { text: 'select 1 as one' })).toEqual([{ one: 1 }]);
  await expect(openDatabase(join([dead, dead]))).rejects.toMatchObject({ code: 'database_unavailable' });
  await expect(openDatabase(join([url], '?target_session_attrs=standby'))).rejects.toMatchObject({
    ...{ code: 'invalid_request', errors: [{ field: 'url' }] },
  });
});
