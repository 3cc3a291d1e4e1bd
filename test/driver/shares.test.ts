import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { query } from '../../src/driver/driver.ts';
import { Shares } from '../../src/driver/shares.ts';
import { createChat, getUserChats, openDatabase, updateChat } from '../../src/index.ts';
import { lockChat } from '../../src/store/items/locked-chat.ts';
import {
  closedAfterTest,
  createPostgresDatabase,
  DATABASES,
  newPGliteFolder,
  newUser,
  SERVER,
  type TestDatabases,
} from '../support/databases.ts';
import { createGate } from '../support/gate.ts';

const WAIT_MS = 5_000;
const BUSY = { reason: { code: 'database_busy' } };
const done = async () => 'done';
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('shares of something that there is a number of', () => {
  it('are at most half of it for one user, at least one, and begin in the order in which they were asked for', async () => {
    const step = fc.record({ user: fc.constantFrom('a', 'b', null), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, total) => {
          const shares = new Shares(total, WAIT_MS);
          const most = Math.max(1, Math.floor(total / 2));
          const running = new Map<string | null, number>();
          const begun: number[] = [];
          const work = steps.map(({ user, fails }, index) =>
            shares.run({ userId: user }, async () => {
              begun.push(index);
              running.set(user, (running.get(user) ?? 0) + 1);
              if (user !== null) expect(running.get(user)).toBeLessThanOrEqual(most);
              await tick();
              running.set(user, (running.get(user) as number) - 1);
              if (fails) throw new Error('failed');
              return index;
            }),
          );
          // Nobody waits for another user: all begin at once whose user has not begun so much.
          await Promise.resolve();
          for (const user of ['a', 'b', null]) {
            const asked = steps.flatMap((one, index) => (one.user === user ? [index] : []));
            const atOnce = user === null ? asked : asked.slice(0, most);
            expect(begun.filter((index) => steps[index]?.user === user)).toEqual(atOnce);
          }
          const outcomes = await Promise.allSettled(work);
          expect(outcomes.map(({ status }) => status === 'rejected')).toEqual(
            steps.map(({ fails }) => fails),
          );
          for (const user of ['a', 'b']) {
            const order = begun.filter((index) => steps[index]?.user === user);
            expect(order).toEqual(order.toSorted((one, other) => one - other));
          }
        },
      ),
      { numRuns: 100, seed: 17 },
    );
  });

  it('are refused when the user has waited too long: later ones, and other users, get theirs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const shares = new Shares(2, WAIT_MS);
    const gate = createGate();
    const first = shares.run({ userId: 'a' }, () => gate.opened);
    const early = [1, 2, 3].map(() => shares.run({ userId: 'a' }, done));
    vi.advanceTimersByTime(WAIT_MS - 1);
    const late = [1, 2, 3].map(() => shares.run({ userId: 'a' }, done));
    vi.advanceTimersByTime(1);
    for (const outcome of await Promise.allSettled(early)) expect(outcome).toMatchObject(BUSY);
    expect(await shares.run({ userId: 'b' }, done)).toBe('done');
    gate.open();
    await first;
    expect(await Promise.all(late)).toEqual(['done', 'done', 'done']);
    expect(await shares.run({ userId: 'a' }, done)).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are refused when ten thousand of the user wait', async () => {
    const shares = new Shares(2, 60_000);
    const gate = createGate();
    const first = async () => {
      await gate.opened;
      return 'first';
    };
    const all = [first, ...Array.from({ length: 10_000 }, () => done)].map((work) =>
      shares.run({ userId: 'a' }, work),
    );
    await expect(shares.run({ userId: 'a' }, done)).rejects.toMatchObject(BUSY.reason);
    expect(await shares.run({ userId: 'b' }, done)).toBe('done');
    gate.open();
    expect((await Promise.all(all)).slice(1)).toEqual(Array(10_000).fill('done'));
  });
});

describe.each(DATABASES)('who asks much of $name', ({ name, open }) => {
  it('gets all that was asked before the database was closed', async () => {
    const url = name === 'PGlite' ? newPGliteFolder() : await createPostgresDatabase();
    const db = await openDatabase(url, { poolSize: 1 });
    const userId = newUser();
    const ask = (n: number) =>
      query(db, { userId, text: 'select $1::int as n, $2 as user_id', values: [n, userId] });
    const asked = [
      db.transaction(async () => tick(), userId),
      ...Array.from({ length: 20 }, (_, n) => ask(n)),
    ];
    await db.close();
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(
      asked.map(() => 'fulfilled'),
    );
    await expect(ask(0)).rejects.toMatchObject({ code: 'database_closed' });
  });

  it.each(['57014', '55P03', '53300'])('is told that it is busy, when it says %s', async (sqlstate) => {
    const text = `do $$ begin raise exception 'x' using errcode = '${sqlstate}'; end $$`;
    await expect(query(await open(), { text })).rejects.toMatchObject({
      code: 'database_busy',
      cause: { code: sqlstate },
    });
  });
});

it('PGlite answers a user before all but one of the fifty statements that another one had asked before', async () => {
  const db = await (DATABASES[0] as TestDatabases).open();
  const [greedy, other] = [newUser(), newUser()];
  const answered: string[] = [];
  const ask = async (userId: string) => {
    await getUserChats(db, userId, { limit: 20 });
    answered.push(userId);
  };
  await Promise.all([...Array.from({ length: 50 }, () => ask(greedy)), ask(other)]);
  expect(answered.indexOf(other)).toBeLessThanOrEqual(1);
});

describe('PostgreSQL', () => {
  it('serves others while fifty changes of one user wait for a lock', async () => {
    const db = await SERVER.open();
    const [greedy, other] = [newUser(), newUser()];
    const { chatId } = await createChat(db, greedy);
    // No wait is over, however slow the machine.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await createChat(db, other, { title: 'mine' });
    let stored = 0;
    const changes = await db.transaction(async (tx) => {
      await lockChat(tx, chatId, greedy);
      const waiting = Array.from({ length: 50 }, (_, n) =>
        updateChat(db, chatId, greedy, { title: String(n) }).then(() => (stored += 1)),
      );
      for (let times = 0; times < 20; times += 1)
        expect(await getUserChats(db, other, { limit: 20 })).toMatchObject([{ title: 'mine' }]);
      expect(stored).toBe(0);
      return { waiting };
    });
    await Promise.all(changes.waiting);
  });

  it('is busy when no connection of the pool gets free in time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const db = closedAfterTest(await openDatabase(await createPostgresDatabase(), { poolSize: 1 }));
    await db.transaction(async () => {
      const asked = [newUser(), null].map((userId) => query(db, { userId, text: 'select 1' }));
      vi.advanceTimersByTime(WAIT_MS);
      for (const outcome of await Promise.allSettled(asked)) {
        expect(outcome).toMatchObject(BUSY);
      }
    });
  });
});
