import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { isMigrated, migrate } from '../../src/driver/migrate.ts';
import { readMigrations } from '../../src/driver/migrations/read-migrations.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES } from '../support/databases.ts';

const names = (await readMigrations()).map(({ name }) => name);

const tables = async (db: Database) => {
  const rows = await query<{ name: string }>(db, {
    text: `select relname::text as name from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
  });
  return rows.map(({ name }) => name);
};

describe('the migrations', () => {
  it('are numbered from 1 without a gap', async () => {
    const numbers = (await readMigrations()).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    expect(numbers.length).toBeGreaterThan(2);
  });
});

describe.each(DATABASES)('migrating a database on $name', ({ openEmpty }) => {
  it('makes the tables of an empty one, and says so', async () => {
    const db = await openEmpty();
    expect(await isMigrated(db)).toBe(false);
    expect(await migrate(db)).toEqual(names);
    expect(await isMigrated(db)).toBe(true);
    expect(await tables(db)).toEqual(expect.arrayContaining(['chat_items', 'chats', 'questlog_migrations']));
  });

  it('does nothing the second time', async () => {
    const db = await openEmpty();
    await migrate(db);
    await db.exec(`insert into chats (chat_id, user_id) values ('chat', 'user')`);
    expect(await migrate(db)).toEqual([]);
    expect(await query(db, { text: 'select chat_id from chats' })).toEqual([{ chat_id: 'chat' }]);
  });

  it('happens once when two servers do it at once, and both come up', async () => {
    const db = await openEmpty();
    const applied = await Promise.all([migrate(db), migrate(db)]);
    expect(applied.sort((one, other) => one.length - other.length)).toEqual([[], names]);
    expect(await isMigrated(db)).toBe(true);
  });

  it('is refused where a newer version has been', async () => {
    const db = await openEmpty();
    await migrate(db);
    await db.exec(`insert into questlog_migrations (number, name) values (9999, '9999-later.sql')`);
    await expect(migrate(db)).rejects.toMatchObject({
      code: 'database_newer',
      message: expect.stringContaining('9999'),
    });
    expect(await isMigrated(db)).toBe(false);
  });

  it('leaves nothing when it fails, and works when the obstacle is gone', async () => {
    const db = await openEmpty();
    await db.exec('create table chat_items (somebody_elses int)');
    await expect(migrate(db)).rejects.toMatchObject({
      code: 'database_failed',
      message: expect.stringMatching(
        /^migration 0002-chat-items\.sql failed: relation "chat_items" already exists: nothing was changed/,
      ),
      cause: { cause: { code: '42P07' } },
    });
    expect(await tables(db)).toEqual(['chat_items']);
    await db.exec('drop table chat_items');
    expect(await migrate(db)).toEqual(names);
  });
});

describe('migrating one PostgreSQL from many servers', () => {
  it('is done by one of them, and all come up', async () => {
    const url = await createPostgresDatabase();
    const servers = await Promise.all([1, 2, 3, 4].map(() => openDatabase(url, { poolSize: 1 })));
    servers.forEach(closedAfterTest);
    const applied = await Promise.all(servers.map((server) => migrate(server)));
    expect(applied.flat()).toEqual(names);
    expect(await Promise.all(servers.map(isMigrated))).toEqual([true, true, true, true]);
  });
});
