import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  getChatById,
  getUserChats,
  hardDeleteChat,
  migrate,
  purge,
  type Retention,
  restoreChat,
  setChatExpiry,
  setUserRetention,
} from '../../src/index.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';

const TALK = [userSays('a'), agentSays('b'), userSays('c')];

interface Aged {
  readonly id: string;
  /** Since its last activity. */
  readonly days: number;
  readonly isActive: boolean;
  /** From now on; null: never. */
  readonly expires: number | null;
}

/** Chats of another time, with items. */
async function insertChats(db: Database, userId: string, chats: readonly Aged[]): Promise<void> {
  for (const { id, days, isActive, expires } of chats) {
    await db.query({
      userId,
      text: `insert into chats (chat_id, user_id, is_active, updated_at, expires_at, next_position)
        values ($1, $2, $3, now() - $4 * interval '1 day', now() + $5 * interval '1 day', 3)`,
      values: [id, userId, isActive, days, expires],
    });
    await db.query({
      userId,
      text: `insert into chat_items (chat_id, position, user_id, item) select $1, n, $2, '{}' from generate_series(0, 2) as n`,
      values: [id, userId],
    });
  }
}

async function idsOf(db: Database, userId: string): Promise<string[]> {
  const rows = await query<{ id: string }>(db, {
    userId,
    text: 'select chat_id as id from chats where user_id = $1 order by 1',
    values: [userId],
  });
  return rows.map(({ id }) => id);
}

const anAge = fc.integer({ min: 1, max: 9 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

describe.each(DATABASES)('a purge on $name', ({ openEmpty, open }) => {
  it('removes what is older than it is kept, of each user, and nothing else, and says before what it would', async () => {
    const db = await openEmpty();
    await migrate(db);
    const aged = fc.record({
      days: anAge.map((days) => days - 0.5),
      isActive: fc.boolean(),
      expires: fc.option(fc.constantFrom(-1, 1)),
    });
    const user = fc.record({ wants: fc.option(anAge), chats: fc.array(aged, { maxLength: 6 }) });
    const kept: fc.Arbitrary<Retention> = fc.record({
      inactiveDays: maybe(anAge),
      deletedDays: maybe(anAge),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(user, { minLength: 1, maxLength: 4 }), kept, async (users, keep) => {
        const left = new Map<string, string[]>();
        let gone = 0;
        for (const { wants, chats } of users) {
          const userId = newUser();
          await setUserRetention(db, userId, wants);
          const named = chats.map((chat, index) => ({ ...chat, id: `${userId}-${index}` }));
          await insertChats(db, userId, named);
          const most = Math.min(wants ?? Infinity, keep.inactiveDays ?? Infinity);
          const stays = named.filter(
            ({ days, isActive, expires }) =>
              expires !== -1 && days < most && (isActive || days < (keep.deletedDays ?? Infinity)),
          );
          left.set(
            userId,
            stays.map(({ id }) => id),
          );
          gone += named.length - stays.length;
        }
        expect((await purge(db, keep, { dryRun: true })).chats).toBe(gone);
        expect((await purge(db, keep)).chats).toBe(gone);
        for (const [userId, ids] of left) expect(await idsOf(db, userId)).toEqual(ids);
        expect(await purge(db, keep)).toEqual({ chats: 0, archivedItems: 0, runs: 0, usage: 0 });
        for (const userId of left.keys())
          for (const id of left.get(userId) ?? []) await hardDeleteChat(db, id, userId);
      }),
      { numRuns: 12 },
    );
  });

  it('removes a long chat in batches, and nobody sees or restores half of it', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId);
    await db.query({
      userId,
      text: `insert into chat_items (chat_id, position, user_id, item) select $1, n, $2, '{}' from generate_series(0, 2499) as n`,
      values: [chatId, userId],
    });
    await setChatExpiry(db, chatId, userId, new Date(Date.now() - 1_000));
    const stop = new AbortController();
    // The second batch is not begun.
    let batches = 0;
    const signal = { throwIfAborted: () => (batches++ > 3 ? stop.signal.throwIfAborted() : undefined) };
    stop.abort();
    await expect(purge(db, {}, { signal: signal as AbortSignal })).rejects.toThrow('abort');
    expect(await getUserChats(db, userId)).toEqual([]);
    expect(await restoreChat(db, chatId, userId)).toBeUndefined();
    expect(await getChatById(db, chatId, userId)).toBeUndefined();
    expect((await purge(db)).chats).toBeGreaterThan(0);
    expect(await idsOf(db, userId)).toEqual([]);
  });

  it('removes archived items and ended runs that are old, but no alternative, no item and no run that is not over', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: TALK });
    const chat = new DatabaseSession(chatId, db, { userId });
    await chat.setAside(1);
    await chat.replaceHistoryWithCompaction([agentSays('summary')]);
    await db.query({
      userId,
      text: `update archived_items set archived_at = now() - interval '9 days',
        alternative_id = case when position = 1 then 99 end where user_id = $1`,
      values: [userId],
    });
    for (const [id, ended] of [
      ['old', '9 days'],
      ['new', '1 day'],
      ['open', null],
    ] as const)
      await db.query({
        userId,
        text: `insert into runs (user_id, run_id, agent, status, epoch, lease_until, ended_at)
          values ($1, $2, 'A', $3, 1, now() + interval '1 hour', now() - $4::interval)`,
        values: [userId, `${userId}-${id}`, ended === null ? 'running' : 'completed', ended],
      });
    const [{ archived } = { archived: 0 }] = await query<{ archived: number }>(db, {
      userId,
      text: 'select count(*)::int as archived from archived_items where user_id = $1 and alternative_id is null',
      values: [userId],
    });
    expect(archived).toBeGreaterThan(0);
    const { archivedItems, runs } = await purge(db, { archivedDays: 5, runDays: 5 });
    expect([archivedItems >= archived, runs >= 1]).toEqual([true, true]);
    const left = await query<{ what: string }>(db, {
      userId,
      text: `select 'archived ' || position as what from archived_items where user_id = $1
        union all select replace(run_id, $1 || '-', 'run ') from runs where user_id = $1 order by 1`,
      values: [userId],
    });
    expect(left.map(({ what }) => what)).toEqual(['archived 1', 'run new', 'run open']);
    expect(await chat.getItems()).toEqual([agentSays('summary')]);
  });

  it('refuses what is no number of days, and names it', async () => {
    const db = await open();
    for (const days of [0, -1, 1.5, '30', Number.NaN, 1e9])
      await expect(purge(db, { deletedDays: days as number })).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('deletedDays'),
      });
    await expect(purge(db, { days: 3 } as Retention)).rejects.toMatchObject({ code: 'invalid_request' });
    for (const at of [8.64e15, -8.64e15, Number.NaN])
      await expect(setChatExpiry(db, 'a', newUser(), new Date(at)), String(at)).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('expires_at'),
      });
    await expect(setUserRetention(db, newUser(), 0)).rejects.toMatchObject({
      message: expect.stringContaining('inactive_days'),
    });
  });
});
