import { expect, inject, onTestFinished, test } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { isMigrated } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { createChat, getUserChats, migrate, openDatabase } from '../../src/index.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';

/** A database and a role whose own schema, as the search path begins with it, is there or not. */
async function openAsRole({ hasSchema }: { hasSchema: boolean }) {
  const admin = await createPostgresDatabase();
  const url = new URL(admin);
  const name = url.pathname.slice(1);
  const role = `owner_${newId().replaceAll('-', '')}`;
  await asAdmin(admin, async (client) => {
    await client.query(`create role ${role} login password 'x'`);
    await client.query(
      `grant create on database ${name} to ${role}; grant create on schema public to ${role}`,
    );
    if (hasSchema) await client.query(`create schema ${role} authorization ${role}`);
  });
  onTestFinished(async () => {
    await asAdmin(admin, (client) => client.query(`drop owned by ${role} cascade`));
    await asAdmin(inject('postgres').url, (client) => client.query(`drop role ${role}`));
  });
  Object.assign(url, { username: role, password: 'x' });
  return { role, open: async (schema?: string) => closedAfterTest(await openDatabase(url.href, { schema })) };
}

test('a schema that is named as the role is the same, said or not', async () => {
  const { role, open } = await openAsRole({ hasSchema: true });
  const db = await open();
  await migrate(db);
  const [place] = await query<{ schema: string }>(db, {
    text: `select relnamespace::regnamespace::text as schema from pg_class where relname = 'chats'`,
  });
  expect(place?.schema).toBe(role);
  const named = await open(role);
  expect(await isMigrated(named)).toBe(true);
  const user = newUser();
  const { chatId } = await createChat(named, user);
  expect((await getUserChats(db, user)).map((chat) => chat.chatId)).toEqual([chatId]);
  expect(await isMigrated(await open('public'))).toBe(false);
});

test('a schema that is named as the role is not made where it would hide tables in public', async () => {
  const { role, open } = await openAsRole({ hasSchema: false });
  const db = await open();
  await migrate(db);
  const user = newUser();
  await createChat(db, user);
  const named = await open(role);
  await expect(migrate(named)).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('would hide'),
  });
  const again = await open();
  expect(await getUserChats(again, user)).toHaveLength(1);
});
