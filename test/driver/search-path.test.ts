import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES } from '../support/databases.ts';

const SCHEMA = 'Quest "Log"';
const QUOTED = '"Quest ""Log"""';

/** A database with the tables in a schema of that name, and without any in the search path of later transactions. */
const ENGINES = DATABASES.map(({ name, openEmpty }) => ({
  name,
  openElsewhere: name === 'PGlite' ? () => migrateWhileSet(openEmpty) : migrateByOptions,
}));

async function migrateWhileSet(openEmpty: () => Promise<Database>): Promise<Database> {
  const db = await openEmpty();
  onTestFinished(() => db.exec(`reset search_path; drop schema ${QUOTED} cascade`));
  await db.exec(`create schema ${QUOTED}; set search_path = ${QUOTED}`);
  await migrate(db);
  return db;
}

async function migrateByOptions(): Promise<Database> {
  const url = new URL(await createPostgresDatabase());
  url.searchParams.set('options', `-c search_path=${QUOTED.replaceAll(' ', '\\ ')}`);
  const db = closedAfterTest(await openDatabase(url.href));
  await db.exec(`create schema ${QUOTED}`);
  await migrate(db);
  return db;
}

test.each(ENGINES)(
  'SQL by hand on $name works in any schema and under any search path',
  async ({ openElsewhere }) => {
    const db = await openElsewhere();
    const [made] = await query<{ count: number }>(db, {
      text: `select count(*)::int as count from pg_class where relnamespace = $1::text::regnamespace and relkind = 'r'`,
      values: [QUOTED],
    });
    expect(made?.count, SCHEMA).toBeGreaterThan(5);
    await db.transaction(async (tx) => {
      // A temporary table of the same name comes before all schemas, unless a path says otherwise.
      await tx.exec(`set local search_path = '';
      create temporary table chats (chat_id text) on commit drop;
      create temporary table chat_counts (user_id text, active int, inactive int) on commit drop;
      insert into ${QUOTED}.chats (chat_id, user_id, updated_at) values ('a', 'u', '2000-01-01'), ('b', 'u', now());
      insert into ${QUOTED}.chat_items (chat_id, position, user_id, item)
        select 'a', n, 'u', json_build_object('n', n) from generate_series(0, 2) as n;
      update ${QUOTED}.chats set is_active = false where chat_id = 'a';
      delete from ${QUOTED}.chat_items where position = 1;
      update ${QUOTED}.chat_items set item = '{"n":"\\u0000"}' where position = 2;
      delete from ${QUOTED}.chats where chat_id = 'b'`);
      expect(
        await query(tx, {
          text: `select ${QUOTED}.conversation(c) as conversation, rewritten_from::int as "rewrittenFrom",
            updated_at > now() - interval '1 hour' as touched,
            (select array_agg(chat_id) from ${QUOTED}.removed_chats) as removed,
            (select sum(active)::int from ${QUOTED}.chat_counts) as active,
            (select sum(inactive)::int from ${QUOTED}.chat_counts) as inactive
          from ${QUOTED}.chats c`,
        }),
      ).toEqual([
        {
          conversation: [{ n: 0 }, { n: '\ufffd' }],
          rewrittenFrom: 1,
          touched: true,
          removed: ['b'],
          active: 0,
          inactive: 1,
        },
      ]);
      await tx.exec(`truncate ${QUOTED}.chats cascade`);
      expect(await query(tx, { text: `select 1 from ${QUOTED}.chat_counts` })).toEqual([]);
    });
  },
);
