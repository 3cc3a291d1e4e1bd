import fc from 'fast-check';
import type { Place } from '../support/postgres-proxy.ts';
import type { Kind } from './history.ts';

/** What one client does next. Numbers choose among what there is. */
export interface Step {
  readonly kind: Exclude<Kind, 'create'>;
  readonly chat: number;
  readonly process: number;
  readonly items: number;
  readonly run: 'plain' | 'tools' | 'guarded';
  /** Of a run: whether it rejects the calls that wait in its chat. */
  readonly rejects: boolean;
  readonly pauseMs: number;
  /** After so many milliseconds the client leaves; undefined: it waits for the answer. */
  readonly leavesAfterMs: number | undefined;
}

/** What goes wrong next. */
export interface Trouble {
  readonly waitMs: number;
  readonly choice: number;
  readonly lastsMs: number;
}

const WEIGHTS: Record<Step['kind'], number> = {
  append: 40,
  pop: 12,
  run: 12,
  title: 8,
  put: 3,
  replace: 2,
  clear: 1,
  delete: 3,
  restore: 8,
  cancel: 4,
  approve: 7,
};
/** As many as a client takes in some minutes; then it begins anew. */
const STEPS = 5_000;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(WEIGHTS).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as Step['kind']),
    })),
  ),
  chat: fc.nat(1_000),
  process: fc.nat(1_000),
  items: fc.integer({ min: 1, max: 3 }),
  run: fc.constantFrom('plain', 'tools', 'guarded'),
  rejects: fc.boolean(),
  pauseMs: fc.nat(20),
  leavesAfterMs: rarely(20, fc.nat(30)),
});

const trouble: fc.Arbitrary<Trouble> = fc.record({
  waitMs: fc.integer({ min: 200, max: 2_000 }),
  choice: fc.nat(1_000),
  lastsMs: fc.integer({ min: 100, max: 3_000 }),
});

/** The steps of a client, always the same for a seed. */
export const planSteps = (seed: number, client: number): Generator<Step> =>
  repeat(fc.sample(step, { seed: seed + client, numRuns: STEPS }));

export const planTroubles = (seed: number): Generator<Trouble> =>
  repeat(fc.sample(trouble, { seed, numRuns: 500 }));

/** Where the connection of each statement breaks, if it does. */
export const planBreaks = (seed: number): Generator<Place | undefined> =>
  repeat(fc.sample(rarely(100, fc.constantFrom<Place>('before', 'in', 'after')), { seed, numRuns: STEPS }));

function rarely<Value>(oneIn: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 1, arbitrary }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) });
}

function* repeat<Value>(values: readonly Value[]): Generator<Value> {
  for (;;) yield* values;
}
