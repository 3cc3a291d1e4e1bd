import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMigrated, migrate } from '../../src/driver/migrate.ts';
import { readMigrations } from '../../src/driver/migrations/read-migrations.ts';
import {
  type Database,
  DatabaseSession,
  getChatCount,
  getUsage,
  getUserChats,
  searchChats,
} from '../../src/index.ts';
import { Runs } from '../../src/run/index.ts';
import { DATABASES } from '../support/databases.ts';
import { migrateTo, SEED_INDEXES, SEED_TABLE } from '../support/levels.ts';
import {
  idOf,
  insertOlder,
  type OlderChat,
  olderChats,
  readColumns,
  readRows,
  runOf,
  USERS,
} from '../support/older-rows.ts';

const ALL = (await readMigrations()).map(({ number }) => number - 1);
/** PGlite: from the seed's table, before keys began with the user, and the newest. */
const LEVELS = { PostgreSQL: ALL, PGlite: [0, 10, ALL.length - 1], Citus: [] };

const session = (db: Database, chat: OlderChat, index: number) =>
  new DatabaseSession(idOf(index), db, { userId: chat.userId });

async function expectReadable(db: Database, chats: readonly OlderChat[], level: number): Promise<void> {
  for (const userId of USERS) {
    const own = chats
      .map((chat, index) => ({ chat, id: idOf(index) }))
      .filter(({ chat }) => chat.userId === userId);
    const listed = await getUserChats(db, userId, { activeOnly: false });
    const sorted = listed.sort((one, other) => (one.chatId < other.chatId ? -1 : 1));
    expect(sorted).toMatchObject(
      own.map(({ chat, id }) => ({
        ...{ chatId: id, title: chat.title, isActive: chat.isActive },
        ...(level >= 16
          ? { isPinned: chat.isPinned, tags: chat.tags, metadata: { b: 1, a: '\0' } }
          : { tags: [] }),
      })),
    );
    expect(await getChatCount(db, userId, { activeOnly: false })).toBe(own.length);
    const said = own.filter(({ chat }) => chat.isActive && chat.items.some(({ role }) => role === 'user'));
    const { results } = await searchChats(db, userId, { query: 'griffin' });
    expect(new Set(results.map(({ chatId }) => chatId))).toEqual(new Set(said.map(({ id }) => id)));
    const runs = level < 5 ? [] : own.filter(({ chat }) => chat.status !== null);
    const usage = await getUsage(db, userId, { from: '2025-06-01', to: '2025-06-01' });
    expect(usage.totals.totalTokens).toBe(level < 17 ? 0 : 12 * runs.length);
  }
  for (const [index, chat] of chats.entries()) {
    expect(await session(db, chat, index).getItems()).toEqual(chat.items);
    const alternatives = await session(db, chat, index).listAlternatives();
    expect(alternatives).toHaveLength(level >= 12 && chat.hasAlternative && chat.archived.length > 0 ? 2 : 0);
  }
}

/** Whoever comes up finds the runs that a process left behind, and chats go on where they were. */
async function expectToGoOn(db: Database, chats: readonly OlderChat[], level: number): Promise<void> {
  const runs = new Runs({ db });
  await runs.recover();
  for (const [index, chat] of chats.entries()) {
    const item = { role: 'user' as const, content: 'And then?' };
    await session(db, chat, index).addItems([item]);
    expect((await session(db, chat, index).getItems()).slice(-1)).toEqual([item]);
    if (chat.status === null || level < 5) continue;
    const { status } = await runs.get(chat.userId, runOf(index));
    expect(status).toBe(chat.status === 'running' ? 'interrupted' : chat.status);
  }
  await runs.close(0);
}

describe.each(DATABASES)('a database of an earlier version on $name', ({ name, openEmpty }) => {
  it.each(LEVELS[name])('that is at migration %i comes up with all its rows, and goes on', async (level) => {
    const upgrade = async (chats: readonly OlderChat[], isOfSeed: boolean) => {
      const db = await openEmpty();
      if (isOfSeed || level < 2) await db.exec(`${SEED_TABLE.replace('JSONB', 'JSON')}; ${SEED_INDEXES}`);
      await migrateTo(db, level);
      await insertOlder(db, chats);
      const columns = await readColumns(db);
      const before = await readRows(db, columns);
      await migrate(db);
      expect(await isMigrated(db)).toBe(true);
      expect(await readRows(db, columns)).toEqual(before);
      await expectReadable(db, chats, level);
      await expectToGoOn(db, chats, level);
    };
    await fc.assert(fc.asyncProperty(olderChats, fc.boolean(), upgrade), { numRuns: 1, endOnFailure: true });
  });
});
