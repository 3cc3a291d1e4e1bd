import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { isMigrated, migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  DatabaseSession,
  deleteChat,
  getChatCount,
  hardDeleteChat,
  restoreChat,
  searchChats,
} from '../../src/index.ts';
import { userSays } from '../session/items.ts';
import { closedAfterTest, createPostgresDatabase, newUser } from '../support/databases.ts';
import { asAdmin } from '../support/postgres-server.ts';
import { startCli, startCliServer } from '../support/server.ts';

/** A database that its owner has migrated, or not yet, and a role with the rights that docs/database.md grants. */
async function stage({ isMigratedBefore = true } = {}) {
  const url = await createPostgresDatabase();
  const role = `reader_${newId().replaceAll('-', '')}`;
  const owner = closedAfterTest(await openDatabase(url, { poolSize: 1 }));
  if (isMigratedBefore) await migrate(owner);
  await owner.exec(`create role ${role} login password 'pw';
    revoke create on schema public from public;
    grant usage on schema public to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role};
    alter default privileges in schema public grant select, insert, update, delete on tables to ${role}`);
  onTestFinished(async () => {
    await owner.exec(`drop owned by ${role}`);
    await asAdmin(inject('postgres').url, (client) => client.query(`drop role ${role}`));
  });
  return { owner, role, asRole: Object.assign(new URL(url), { username: role, password: 'pw' }).href };
}

describe('a role that may only read and write rows', () => {
  it('starts the server where another role has migrated, and does all that a server does', async () => {
    const { asRole } = await stage();
    const { ask } = await startCliServer({ DATABASE_URL: asRole });
    expect((await ask('GET', '/ready')).status).toBe(200);
    expect((await ask('POST', '/chat/run', { input: 'Roll 2d6', session_id: 'quest' })).status).toBe(200);
    expect((await ask('PUT', '/chats/quest', { conversation: null })).status).toBe(200);
    expect((await ask('DELETE', '/chats/quest?permanent=true')).status).toBe(204);
  });

  it('uses the library', async () => {
    const { asRole } = await stage();
    const db = closedAfterTest(await openDatabase(asRole));
    expect(await migrate(db)).toEqual([]);
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [userSays('a')] });
    const session = new DatabaseSession(chatId, db, { userId });
    await session.addItems([userSays('b'), userSays('c')]);
    expect(await session.popItem()).toEqual(userSays('c'));
    await session.replaceHistoryWithCompaction([userSays('d')]);
    await session.clearSession();
    await session.forgetSession();
    expect(await deleteChat(db, chatId, userId)).toBe(true);
    expect(await restoreChat(db, chatId, userId)).toMatchObject({ isActive: true });
    expect(await getChatCount(db, userId)).toBe(1);
    expect((await searchChats(db, userId, { query: 'z' })).results).toEqual([]);
    expect(await hardDeleteChat(db, chatId, userId)).toBe(true);
  });

  it('is told which migrations are missing, and what to do, where it may not apply them', async () => {
    const { owner, asRole } = await stage({ isMigratedBefore: false });
    const db = closedAfterTest(await openDatabase(asRole));
    const refusal = (name: string) => ({
      code: 'database_failed',
      message: expect.stringMatching(new RegExp(`may not apply.*${name}.*start once as the role that owns`)),
    });
    await expect(migrate(db)).rejects.toMatchObject(refusal('0001-chats.sql, 0002'));
    await migrate(owner);
    expect(await isMigrated(db)).toBe(true);
    await owner.exec('delete from questlog_migrations where number = 9');
    await expect(migrate(db)).rejects.toMatchObject(refusal('\\(0009-search-path.sql\\)'));
    expect(await isMigrated(db)).toBe(false);
  });

  it('is told which right it lacks', { timeout: 240_000 }, async () => {
    const { owner, role, asRole } = await stage();
    const start = async () => {
      const program = startCli({ DATABASE_URL: asRole });
      expect(await program.exited).toEqual({ code: 1, signal: null });
      return program.output();
    };
    await owner.exec(`revoke delete on chats, runs from ${role}; revoke insert on chats from ${role}`);
    expect(await start()).toBe(
      `questlog: the role ${role} lacks rights: grant it insert, delete on chats; delete on runs\n`,
    );
    await owner.exec(`revoke all on all tables in schema public from ${role};
      grant select on questlog_migrations to ${role}`);
    const all = 'select, insert, update, delete';
    expect(await start()).toMatch(
      new RegExp(
        `^questlog: the role ${role} lacks rights: grant it ${all} on alternatives; .* on user_retention\n$`,
      ),
    );
    await owner.exec(`revoke usage on schema public from ${role}, public`);
    expect(await start()).toMatch(
      /^questlog: the role \w+ may not use the schema public, .*: grant usage on/,
    );
  });

  it('is told so of a schema of its own, and not of one that is of others', async () => {
    const { owner, role, asRole } = await stage({ isMigratedBefore: false });
    await owner.exec(`create schema theirs; create table theirs.questlog_migrations (number int)`);
    const theirs = closedAfterTest(await openDatabase(asRole, { schema: 'theirs' }));
    await expect(migrate(theirs)).rejects.toMatchObject({
      message: `the role ${role} may not use the schema theirs, where the tables are: grant usage on schema theirs to ${role}`,
    });
    const db = closedAfterTest(await openDatabase(asRole));
    await expect(migrate(db)).rejects.toMatchObject({ message: expect.stringContaining('may not apply') });
  });
});
