import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';

/**
 * Whether `work` is over before timers of these lengths have run out one after another. Those are this process's own:
 * on a machine that stands still they stand still with the work.
 */
export function endsWithin(work: Promise<unknown>, ...steps: readonly number[]): Promise<boolean> {
  const timers = async () => {
    for (const ms of steps) await sleep(ms, undefined, { ref: false });
    return false;
  };
  return Promise.race([timers(), work.then(() => true)]);
}

/**
 * How many times longer `large` takes than `small`: of each the shortest of several times, taken in turns, for whatever
 * else the machine does only adds to one.
 */
export async function growth(small: () => unknown, large: () => unknown, rounds = 9): Promise<number> {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, work] of [small, large].entries()) {
      const began = performance.now();
      await work();
      best[place as 0 | 1] = Math.min(best[place as 0 | 1], performance.now() - began);
    }
  }
  return best[1] / best[0];
}

/** A limit that no machine reaches. `timeIsUp` of `limitTimers` reaches it. */
export const LIMIT_MS = 3_600_000;

/** From now on until the test ends, lets it end every timer of `LIMIT_MS` when that has got where it should be ended. */
export function limitTimers(): { timeIsUp(): void } {
  const works: (() => void)[] = [];
  const original = globalThis.setTimeout;
  const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    work: () => void,
    ms?: number,
    ...values: []
  ) => {
    if (ms === LIMIT_MS) works.push(work);
    return original(work, ms, ...values);
  }) as typeof setTimeout);
  onTestFinished(() => spy.mockRestore());
  return {
    timeIsUp: () => {
      if (works.length === 0) throw new Error('no such timer has begun');
      for (const work of works.splice(0)) work();
    },
  };
}
