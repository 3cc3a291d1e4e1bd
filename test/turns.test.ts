import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Turns } from '../src/turns.ts';
import { createGate } from './support/gate.ts';

/** Keeps the event loop for a millisecond. */
function work(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

const done = async () => 'done';
const FIFTY = Array.from({ length: 50 }, (_, index) => index);

test('a list is mapped in its order, and short work is done at once', async () => {
  const turns = new Turns();
  expect(await turns.map('ann', FIFTY, (element, index) => [element, index])).toEqual(
    FIFTY.map((element, index) => [element, index]),
  );
  expect(await turns.map('ann', [], work)).toEqual([]);
  let count = 0;
  void turns.map('ann', FIFTY, () => count++);
  expect(count).toBe(50);
});

test('of many long works at once one piece is done in a turn of the loop, and others get in between', async () => {
  const turns = new Turns();
  let count = 0;
  const works = ['ann', 'bob', 'eve'].flatMap((user) =>
    [1, 2, 3].map(() =>
      turns.map(user, FIFTY, () => {
        work();
        count++;
      }),
    ),
  );
  let underWay = true;
  const all = Promise.all(works).then(() => {
    underWay = false;
  });
  await setImmediate();
  const most: number[] = [];
  while (underWay) {
    const before = count;
    await setImmediate();
    most.push(count - before);
  }
  await all;
  expect(count).toBe(450);
  // A piece is two milliseconds, so two or three of these.
  expect(Math.max(...most)).toBeLessThan(5);
});

test('who comes with little does not wait for all of who came with much', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const begin = (user: string, count: number) =>
    turns.map(user, FIFTY.slice(0, count), work).then(() => order.push(user));
  await Promise.all([...FIFTY.slice(0, 20).map(() => begin('ann', 20)), begin('bob', 6)]);
  expect(order.indexOf('bob')).toBeLessThan(3);
});

test('what throws ends its own work alone', async () => {
  const turns = new Turns();
  const fail = () => {
    work();
    if (++calls === 5) throw new Error('no');
  };
  let calls = 0;
  const [failed, other, statement, last] = await Promise.allSettled([
    turns.map('ann', FIFTY, fail),
    turns.map('ann', FIFTY, work),
    turns.run({ userId: 'ann', isLarge: true }, () => Promise.reject(new Error('no'))),
    turns.run({ userId: 'ann', isLarge: true }, done),
  ]);
  expect([failed, other, statement, last].map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(calls).toBe(5);
});

test('of large statements a user has one at a time, however long it waits; what is not large, and other users, wait for none', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const turns = new Turns();
  const gate = createGate();
  let large = 0;
  const all = [1, 2, 3].map(() =>
    turns.run({ userId: 'ann', isLarge: true }, async () => {
      large += 1;
      await gate.opened;
    }),
  );
  expect(await turns.run({ userId: 'ann' }, done)).toBe('done');
  expect(await turns.run({ userId: null, isLarge: true }, done)).toBe('done');
  expect(await turns.run({ userId: 'bob', isLarge: true }, done)).toBe('done');
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(large).toBe(1);
  gate.open();
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(all);
  expect(large).toBe(3);
});

test.each([
  { others: 'there are others', users: ['bob', 'ann'], begins: [0, 200, 400] },
  { others: 'there is nobody else', users: ['ann'], begins: [0, 100, 200] },
])(
  'a user rests after large work for as long as it took, if $others: begins $begins',
  async ({ users, begins }) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const turns = new Turns();
    await turns.run({ userId: 'ann' }, done);
    await vi.advanceTimersByTimeAsync(2_000);
    for (const userId of users) await turns.run({ userId }, done);
    const start = performance.now();
    const begun: number[] = [];
    const ended: number[] = [];
    const statement = async () => {
      begun.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    for (let time = 0; time < 3; time += 1) {
      void turns
        .run({ userId: 'ann', isLarge: true }, statement)
        .then(() => ended.push(performance.now() - start));
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(begun).toEqual(begins);
    // Nobody waits for the rest that follows his own work.
    expect(ended).toEqual(begins.map((begin) => begin + 100));
  },
);

test('after what took less than a piece its user does not rest', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const turns = new Turns();
  await turns.run({ userId: 'bob' }, done);
  const short = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const all = [1, 2, 3].map(() => turns.run({ userId: 'ann', isLarge: true }, short));
  await vi.advanceTimersByTimeAsync(3);
  await Promise.all(all);
});

test('lists, bodies and statements of a user share one line: where there are others, half of the time is theirs', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const turns = new Turns();
  await turns.run({ userId: 'bob' }, done);
  const passed = { atWork: 0, between: 0 };
  const keepLoop = () => {
    vi.advanceTimersByTime(10);
    passed.atWork += 10;
  };
  const readBody = async () => {
    const pieces = turns.begin('ann');
    for (const _chunk of FIFTY) {
      if (pieces.isOver) await pieces.next();
      pieces.do(keepLoop);
    }
  };
  const ask = () => turns.run({ userId: 'ann', isLarge: true }, async () => keepLoop());
  const works = [turns.map('ann', FIFTY, keepLoop), readBody(), readBody(), ...FIFTY.map(ask)];
  let underWay = true;
  void Promise.all(works).then(() => {
    underWay = false;
  });
  while (underWay) {
    await setImmediate();
    await turns.run({ userId: 'bob' }, done);
    await turns.run({ userId: 'ann' }, done);
    vi.advanceTimersByTime(1);
    passed.between += 1;
  }
  expect(passed.atWork).toBe(2_000);
  expect(passed.between).toBeGreaterThan(1_800);
});
