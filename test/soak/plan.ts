import fc from 'fast-check';

/** What a user does next. Numbers choose among what there is. */
export interface Step {
  readonly kind: 'say' | 'leave' | 'list' | 'read' | 'search' | 'rename' | 'delete' | 'forget';
  readonly chat: number;
  readonly pauseMs: number;
  /** Of `leave`: when the connection is given up, and made again. */
  readonly leavesAfterMs: number;
}

/** What goes wrong next, and after how long. */
export interface Trouble {
  readonly kind: 'kill' | 'stop' | 'backends';
  readonly waitMs: number;
}

const WEIGHTS: Record<Step['kind'], number> = {
  say: 30,
  leave: 8,
  list: 25,
  read: 20,
  search: 8,
  rename: 5,
  delete: 3,
  forget: 1,
};
/** As many as a user takes in half an hour; then it begins anew. */
const STEPS = 5_000;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(WEIGHTS).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as Step['kind']),
    })),
  ),
  chat: fc.nat(1_000),
  pauseMs: fc.nat(600),
  leavesAfterMs: fc.nat(150),
});

const trouble: fc.Arbitrary<Trouble> = fc.record({
  kind: fc.constantFrom('kill', 'stop', 'backends'),
  waitMs: fc.integer({ min: 20_000, max: 60_000 }),
});

/** The steps of a user, always the same for a seed. */
export const planSteps = (seed: number, user: number): Generator<Step> =>
  repeat(fc.sample(step, { seed: seed + user, numRuns: STEPS }));

/** What goes wrong, always the same for a seed. */
export const planTroubles = (seed: number): Generator<Trouble> =>
  repeat(fc.sample(trouble, { seed, numRuns: 200 }));

function* repeat<Value>(values: readonly Value[]): Generator<Value> {
  for (;;) yield* values;
}
