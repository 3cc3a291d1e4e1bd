import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../src/turns.ts';

/** Keeps the event loop for a millisecond. */
function work(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

const FIFTY = Array.from({ length: 50 }, (_, index) => index);

test('a list is mapped in its order, and short work is done at once', async () => {
  const turns = new Turns();
  expect(await turns.map('ann', FIFTY, (element, index) => [element, index])).toEqual(
    FIFTY.map((element, index) => [element, index]),
  );
  expect(await turns.map('ann', [], work)).toEqual([]);
  let done = 0;
  void turns.map('ann', FIFTY, () => done++);
  expect(done).toBe(50);
});

test('of many long works at once one piece is done in a turn of the loop, and others get in between', async () => {
  const turns = new Turns();
  let done = 0;
  const works = Array.from({ length: 10 }, () =>
    turns.map('ann', FIFTY, () => {
      work();
      done++;
    }),
  );
  let underWay = true;
  const all = Promise.all(works).then(() => {
    underWay = false;
  });
  await setImmediate();
  const most: number[] = [];
  while (underWay) {
    const before = done;
    await setImmediate();
    most.push(done - before);
  }
  await all;
  expect(done).toBe(500);
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
  const [failed, other] = await Promise.allSettled([
    turns.map('ann', FIFTY, fail),
    turns.map('ann', FIFTY, work),
  ]);
  expect([failed.status, other.status, calls]).toEqual(['rejected', 'fulfilled', 5]);
});
