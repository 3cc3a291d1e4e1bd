import { QuestlogError } from '../errors.ts';

/** Whose work it is; null and undefined: of no one user. */
export interface Claim {
  readonly userId?: string | null | undefined;
}

/** More than get their turn in seconds; bounds what the waiting ones hold. */
const MAX_WAITING = 10_000;

interface Share {
  running: number;
  /** First come, first served: a set keeps the order, and lets go of any at once. */
  readonly waiting: Set<() => void>;
}

/**
 * Divides what there is a number of among users: each has at most half of it at once, and at least one. What is
 * over that waits for work of the same user alone. Work of no one user needs no share, so whoever does such work bounds it.
 */
export class Shares {
  readonly #size: number;
  readonly #maxWaitMs: number;
  /** By user, while there is anything to do. */
  readonly #shares = new Map<string, Share>();

  constructor(total: number, maxWaitMs: number) {
    this.#size = Math.max(1, Math.floor(total / 2));
    this.#maxWaitMs = maxWaitMs;
  }

  /** @throws QuestlogError `database_busy` when too much of this user waits, or for too long: nothing was done. */
  async run<Result>({ userId }: Claim, work: () => Promise<Result>): Promise<Result> {
    if (typeof userId !== 'string') return work();
    const share = this.#shares.get(userId) ?? { running: 0, waiting: new Set() };
    this.#shares.set(userId, share);
    if (share.running < this.#size) share.running += 1;
    else await this.#wait(share);
    try {
      return await work();
    } finally {
      this.#release(userId, share);
    }
  }

  /** The next in line takes this place. */
  #release(userId: string, share: Share): void {
    const [next] = share.waiting;
    if (next === undefined) share.running -= 1;
    else next();
    if (share.running === 0) this.#shares.delete(userId);
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
