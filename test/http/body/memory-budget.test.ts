import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuestlogError } from '../../../src/errors.ts';
import { MemoryBudget } from '../../../src/http/body/memory-budget.ts';
import { ManualClock } from '../../../src/testing/manual-clock.ts';

const BYTES = 100;

/** A claim and what became of it. */
interface Tried {
  readonly userId: string;
  readonly bytes: number;
  readonly controller: AbortController;
  outcome: 'waits' | 'held' | 'back' | string;
  giveBack: () => void;
}

function stage() {
  const clock = new ManualClock();
  const budget = new MemoryBudget({ bytes: BYTES, clock });
  const tried: Tried[] = [];
  const take = async (userId: string, bytes: number): Promise<Tried> => {
    const controller = new AbortController();
    const claim: Tried = { userId, bytes, controller, outcome: 'waits', giveBack: () => undefined };
    tried.push(claim);
    budget.take(userId, bytes, controller.signal).then(
      (giveBack) => {
        claim.outcome = controller.signal.aborted ? 'back' : 'held';
        claim.giveBack = giveBack;
      },
      (error: unknown) => {
        claim.outcome = error instanceof QuestlogError ? error.code : 'thrown';
      },
    );
    await turn();
    return claim;
  };
  const end = async (claim: Tried, how: 'giveBack' | 'abort') => {
    if (claim.outcome === 'held') claim.outcome = 'back';
    if (how === 'abort') claim.controller.abort();
    else claim.giveBack();
    await turn();
  };
  return { clock, budget, tried, take, end };
}

const sumOf = (claims: readonly Tried[]) => claims.reduce((sum, { bytes }) => sum + bytes, 0);

/** What there is of a user, and of all. */
function heldIn(tried: readonly Tried[], userId?: string) {
  return tried.filter((one) => one.outcome === 'held' && (userId === undefined || one.userId === userId));
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      take: fc.constantFrom('ann', 'bob', 'eve'),
      bytes: fc.integer({ min: 1, max: 150 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ end: fc.nat(), how: fc.constantFrom('giveBack' as const, 'abort' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: 4 }) }) },
);

test('whatever comes and goes: nobody holds more than half, nothing that fits waits, nothing is left taken', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { clock, budget, tried, take, end } = stage();
      for (const one of steps) {
        if ('take' in one) await take(one.take, one.bytes);
        else if ('pass' in one) clock.pass(one.pass);
        else if (tried.length > 0) await end(tried[one.end % tried.length] as Tried, one.how);
        await turn();
        const all = heldIn(tried);
        expect(budget.held).toBe(sumOf(all));
        expect(all.length <= 1 || sumOf(all) <= BYTES).toBe(true);
        for (const user of ['ann', 'bob', 'eve']) {
          const own = heldIn(tried, user);
          expect(own.length <= 1 || sumOf(own) <= BYTES / 2).toBe(true);
        }
        for (const waiter of tried.filter(({ outcome }) => outcome === 'waits')) {
          const own = sumOf(heldIn(tried, waiter.userId));
          const hasShare = own === 0 || own + waiter.bytes <= BYTES / 2;
          expect(hasShare && sumOf(all) + 2 * waiter.bytes <= BYTES).toBe(false);
        }
      }
      for (const claim of tried) await end(claim, 'abort');
      clock.pass(10);
      await turn();
      expect([budget.held, budget.waiting]).toEqual([0, 0]);
      expect(tried.map(({ outcome }) => outcome)).not.toContain('waits');
    }),
    { numRuns: 200 },
  );
});

test('a user at the share is refused alone, after a while, as 429', async () => {
  const { clock, take } = stage();
  await take('eve', 40);
  const second = await take('eve', 20);
  expect((await take('ann', 20)).outcome).toBe('held');
  expect(second.outcome).toBe('waits');
  clock.pass(5);
  await turn();
  expect(second.outcome).toBe('rate_limited');
});

test('where all is taken by others a user is refused as 503', async () => {
  const { clock, take } = stage();
  for (const user of ['ann', 'bob', 'eve']) await take(user, 25);
  const late = await take('dan', 20);
  clock.pass(5);
  await turn();
  expect(late.outcome).toBe('overloaded');
});

test('what is larger than all is granted when it is alone, and large ones leave room for small ones', async () => {
  const { take, end } = stage();
  const small = await take('ann', 1);
  const giant = await take('eve', 1_000);
  expect(giant.outcome).toBe('waits');
  await end(small, 'giveBack');
  expect(giant.outcome).toBe('held');
  await end(giant, 'giveBack');
  for (const user of ['ann', 'bob', 'eve', 'dan']) await take(user, 30);
  expect((await take('fay', 1)).outcome).toBe('held');
});

test('who comes first is served first, and no more than 32 requests of one user wait', async () => {
  const { take, end } = stage();
  const first = await take('eve', 50);
  const waiting = [];
  for (let count = 0; count < 32; count += 1) waiting.push(await take('eve', 50));
  expect((await take('eve', 50)).outcome).toBe('rate_limited');
  await end(first, 'giveBack');
  expect(waiting.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['held', 'waits', 'waits']);
});
