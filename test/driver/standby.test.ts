import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { closedAfterTest } from '../support/databases.ts';
import { asAdmin, startPostgres } from '../support/postgres-server.ts';

const WRITE = { text: 'insert into written values (1)' };

test('a commit that the synchronous standby did not confirm has an unknown outcome', async () => {
  const server = await startPostgres([
    'fsync=off',
    'synchronous_standby_names=nobody',
    'synchronous_commit=local',
  ]);
  onTestFinished(() => server.stop());
  await asAdmin(server.url, async (client) => {
    await client.query('create table written (n int)');
    await client.query('create role waiting login superuser password $$pw$$');
    await client.query('alter role waiting set synchronous_commit = on');
  });
  const url = Object.assign(new URL(server.url), { username: 'waiting', password: 'pw' }).href;
  const db = closedAfterTest(await openDatabase(url));
  for (const write of [() => query(db, WRITE), () => db.transaction((tx) => query(tx, WRITE))]) {
    const written = expect(write()).rejects.toMatchObject({ code: 'outcome_unknown' });
    await asAdmin(server.url, async (client) => {
      const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`;
      await expect.poll(async () => (await client.query(cancel)).rowCount).toBe(1);
    });
    await written;
  }
  // Nobody else hears of it: the connection is as good as before.
  expect(await query(db, { text: 'select n from written' })).toHaveLength(2);
});
