import { QuestlogError } from '../errors.ts';

/** Whose work it is; null and undefined: of no one user. Large is what one user has one of at a time. */
export interface Claim {
  readonly userId?: string | null | undefined;
  readonly isLarge?: boolean | undefined;
}

/** More than get their turn in seconds; bounds what the waiting ones hold. */
const MAX_WAITING = 10_000;

/** After so long without another user there are none, in milliseconds. */
const OTHERS_MS = 1_000;
const MAX_REST_MS = 1_000;

interface Share {
  running: number;
  /** First come, first served: a set keeps the order, and lets go of any at once. */
  readonly waiting: Set<() => void>;
}

type ByUser = Map<string, Share>;

/**
 * Divides what there is a number of among users: each has at most half of it at once, and at least one, and of large work
 * one at a time. What is over that waits for work of the same user alone. Work of no one user needs no share, so whoever
 * does such work bounds it.
 */
export class Shares {
  readonly #size: number;
  readonly #maxWaitMs: number;
  /** By user, while there is anything to do. */
  readonly #shares: ByUser = new Map();
  readonly #large: ByUser = new Map();
  #lastUser: string | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;

  constructor(total: number, maxWaitMs: number) {
    this.#size = Math.max(1, Math.floor(total / 2));
    this.#maxWaitMs = maxWaitMs;
  }

  /** @throws QuestlogError `database_busy` when too much of this user waits, or for too long: nothing was done. */
  async run<Result>({ userId, isLarge = false }: Claim, work: () => Promise<Result>): Promise<Result> {
    if (typeof userId !== 'string') return work();
    this.#notice(userId);
    const run = () => this.#within(this.#shares, this.#size, userId, work, (release) => release());
    if (!isLarge) return run();
    return this.#within(this.#large, 1, userId, run, (release, tookMs) => this.#afterRest(tookMs, release));
  }

  async #within<Result>(
    shares: ByUser,
    size: number,
    userId: string,
    work: () => Promise<Result>,
    onEnd: (release: () => void, tookMs: number) => void,
  ): Promise<Result> {
    const share = shares.get(userId) ?? { running: 0, waiting: new Set() };
    shares.set(userId, share);
    if (share.running < size) share.running += 1;
    else await this.#wait(share);
    const began = performance.now();
    try {
      return await work();
    } finally {
      onEnd(() => this.#release(shares, userId, share), performance.now() - began);
    }
  }

  #notice(userId: string): void {
    if (userId === this.#lastUser) return;
    this.#lastUser = userId;
    this.#changedAt = performance.now();
  }

  /** After large work its user rests for as long as it took, if there are others. */
  #afterRest(tookMs: number, release: () => void): void {
    if (performance.now() - this.#changedAt > OTHERS_MS) release();
    else setTimeout(release, Math.min(tookMs, MAX_REST_MS));
  }

  /** The next in line takes this place. */
  #release(shares: ByUser, userId: string, share: Share): void {
    const [next] = share.waiting;
    if (next === undefined) share.running -= 1;
    else next();
    if (share.running === 0) shares.delete(userId);
  }

  async #wait({ waiting }: Share): Promise<void> {
    if (waiting.size >= MAX_WAITING) throw busyError();
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        clearTimeout(timer);
        waiting.delete(start);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(start);
        reject(busyError());
      }, this.#maxWaitMs);
      waiting.add(start);
    });
  }
}

function busyError(): QuestlogError {
  return new QuestlogError('database_busy', 'the database is busy with other requests of this user');
}
