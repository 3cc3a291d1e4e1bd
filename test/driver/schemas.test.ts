import { expect, onTestFinished, test } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { isMigrated } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  DatabaseSession,
  getUserChats,
  migrate,
  type OpenOptions,
  openDatabase,
} from '../../src/index.ts';
import { busAt } from '../../src/live/bus-at.ts';
import { closedAfterTest, createPostgresDatabase, newFolder, newUser } from '../support/databases.ts';
import { startPooler } from '../support/pooler.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });

/** Ways to a database in which an application has tables of its own, named as ours. */
const PLACES = [
  { name: 'PGlite', place: async () => newFolder() },
  { name: 'PostgreSQL', place: () => createPostgresDatabase() },
  ...(['refuses', 'drops'] as const).map((startupOptions) => ({
    name: `a pooler that ${startupOptions} start-up options`,
    place: async () => startPooler(await createPostgresDatabase(), { startupOptions }),
  })),
];
const THEIRS = `create table chats (id int primary key, topic text); create table runs (id int primary key);
  insert into chats values (1, 'tea'); insert into runs values (1)`;

test.each(PLACES)(
  'Questlog is beside an application’s own tables in a schema of its own ($name)',
  async ({ place }) => {
    const url = await place();
    const application = await openDatabase(url);
    await application.exec(THEIRS);
    await application.close();
    // A word of SQL, in whatever place it stands.
    const db = closedAfterTest(await openDatabase(url, { schema: 'user' }));
    expect(await isMigrated(db)).toBe(false);
    expect((await migrate(db)).length).toBeGreaterThan(0);
    expect(await migrate(db)).toEqual([]);
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [said('a')] });
    await new DatabaseSession(chatId, db, { userId }).addItems([said('b')]);
    await db.transaction((tx) => new DatabaseSession(chatId, tx, { userId }).addItems([said('c')]));
    expect(await new DatabaseSession(chatId, db).getItems()).toEqual([said('a'), said('b'), said('c')]);
    expect((await getUserChats(db, userId)).map((chat) => chat.chatId)).toEqual([chatId]);
    expect(await query(db, { text: 'select topic from public.chats' })).toEqual([{ topic: 'tea' }]);
    expect(
      await query(db, {
        text: `select count(*)::int as n from "user".chat_items where chat_id = $1`,
        values: [chatId],
      }),
    ).toEqual([{ n: 3 }]);
  },
);

test.each(PLACES.slice(0, 2))(
  'without it a migration that fails says why, and what to do ($name)',
  async ({ place }) => {
    const db = closedAfterTest(await openDatabase(await place()));
    await db.exec(THEIRS);
    await expect(migrate(db)).rejects.toMatchObject({
      code: 'database_failed',
      message: expect.stringMatching(
        /0001-chats\.sql failed: column "\w+".* does not exist.*nothing was changed.*schema/,
      ),
    });
    expect(await query(db, { text: 'select * from chats' })).toEqual([{ id: 1, topic: 'tea' }]);
  },
);

test.each([
  '',
  'Quest',
  'a b',
  'a"b',
  'a;drop schema public',
  '1a',
  'pg_toast',
  'ä',
  'a'.repeat(49),
  7,
  null,
])('a schema that is named %j is refused by its option', async (schema) => {
  const opened = openDatabase('memory://', { schema } as OpenOptions);
  await expect(opened).rejects.toMatchObject({ code: 'invalid_request', errors: [{ field: 'schema' }] });
});

test('two Questlogs in one database do not hear each other', async () => {
  const url = await createPostgresDatabase();
  const heard: string[] = [];
  const open = async (schema: string) => {
    let connected = () => {};
    const ready = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const bus = await busAt(url, { schema })({
      message: ({ users }) => void heard.push(...users.map((user) => `${schema}: ${user}`)),
      connected,
      lost: () => undefined,
    });
    onTestFinished(() => bus.close());
    await ready;
    return bus;
  };
  const [one, other] = [await open('one'), await open('other')];
  const [first, second] = [newId(), newId()];
  await one.publish({ from: 'a', users: [first], runs: [] });
  await other.publish({ from: 'b', users: [second], runs: [] });
  await expect.poll(() => heard).toEqual([`one: ${first}`, `other: ${second}`]);
});
