import type { Queryable } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { type Check, type Checks, checkOptions, optional } from '../../options.ts';
import { toDay } from '../../store/usage/get-usage.ts';
import {
  type DayLimits,
  getUsageOfDay,
  giveRunBack,
  takeRun,
  type UsedToday,
} from '../../store/usage/usage-days.ts';
import { CallSlots } from './call-slots.ts';

/** The same for everybody, or what a user has; undefined: no limit. */
export type UsageLimits =
  | DayLimits
  | ((userId: string) => DayLimits | undefined | Promise<DayLimits | undefined>);

const DAY_MS = 86_400_000;
const ORDER = ['runs', 'tokens', 'cost'] as const;

const isWhole: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'must be a whole number from 0';
const isMoney: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
    ? undefined
    : 'must be a number from 0';
const LIMITS: Checks<DayLimits> = {
  runs: optional(isWhole),
  tokens: optional(isWhole),
  cost: optional(isMoney),
};

/** @throws QuestlogError `invalid_request` naming the limit that is wrong. */
export function checkLimits(limits: UsageLimits): void {
  if (typeof limits !== 'function') checkOptions(limits, LIMITS, { name: 'limits', prefix: 'limits.' });
}

/** Holds users to what they may use in a day of UTC. */
export class UsageGate {
  readonly #db: Queryable;
  readonly #limits: UsageLimits | undefined;
  readonly #slots = new CallSlots();

  constructor(db: Queryable, limits: UsageLimits | undefined) {
    this.#db = db;
    this.#limits = limits;
  }

  /**
   * Begins a run where there is room for one. One that does not begin after all does not count.
   *
   * @param hasBegun whether it is a new run.
   * @throws QuestlogError `usage_limit`: nothing was done.
   */
  async admitRun<Result>(
    userId: string,
    begin: () => Promise<Result>,
    hasBegun: (result: Result) => boolean,
  ): Promise<Result> {
    const limits = await this.#limitsOf(userId);
    if (limits === undefined) return begin();
    const now = Date.now();
    const day = toDay(now);
    assertAny(limits, now);
    if (!(await takeRun(this.#db, userId, day, limits))) {
      const used = await getUsageOfDay(this.#db, userId, day);
      throw limitError(findReached(limits, used) ?? 'runs', now);
    }
    const giveBack = () => giveRunBack(this.#db, userId, day).catch(() => undefined);
    try {
      const result = await begin();
      if (!hasBegun(result)) await giveBack();
      return result;
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  /**
   * Of what has begun: whether a model may be called.
   *
   * @throws QuestlogError `usage_limit`.
   */
  async assertRoom(userId: string): Promise<void> {
    const limits = await this.#limitsOf(userId);
    if (limits !== undefined) await this.#assertRoom(userId, limits);
  }

  /**
   * As `assertRoom`, and waits while the user has too many calls under way.
   *
   * @returns what ends the call; call it when its usage is stored.
   */
  async enter(userId: string): Promise<() => void> {
    const limits = await this.#limitsOf(userId);
    if (limits === undefined) return () => undefined;
    const leave = await this.#slots.enter(userId);
    try {
      await this.#assertRoom(userId, limits);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #assertRoom(userId: string, { tokens, cost }: DayLimits): Promise<void> {
    if (tokens === undefined && cost === undefined) return;
    const now = Date.now();
    assertAny({ tokens, cost }, now);
    const reached = findReached({ tokens, cost }, await getUsageOfDay(this.#db, userId, toDay(now)));
    if (reached !== undefined) throw limitError(reached, now);
  }

  async #limitsOf(userId: string): Promise<DayLimits | undefined> {
    if (typeof this.#limits !== 'function') return this.#limits;
    const limits = (await this.#limits(userId)) ?? undefined;
    if (limits !== undefined) checkLimits(limits);
    return limits;
  }
}

/** Of a limit of 0 nothing is asked. */
function assertAny(limits: DayLimits, now: number): void {
  const none = findReached(limits, { runs: 0, tokens: 0, cost: 0 });
  if (none !== undefined) throw limitError(none, now);
}

function findReached(limits: DayLimits, used: UsedToday): keyof DayLimits | undefined {
  return ORDER.find((name) => used[name] >= (limits[name] ?? Number.POSITIVE_INFINITY));
}

function limitError(limit: keyof DayLimits, now: number): QuestlogError {
  const next = Date.parse(toDay(now + DAY_MS));
  const resets = new Date(next).toISOString();
  return new QuestlogError(
    'usage_limit',
    `the limit of ${limit} for today is reached: wait until ${resets}`,
    {
      details: { limit, resets_at: resets, retry_after: Math.ceil((next - now) / 1_000) },
    },
  );
}
