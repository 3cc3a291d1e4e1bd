import { QuestlogError } from '../../errors.ts';
import { type Clock, systemClock } from '../clock.ts';

export interface MemoryBudgetOptions {
  /** What all may hold together, in bytes. */
  readonly bytes: number;
  /** How long a claim waits for room, in milliseconds. Default: 5,000. */
  readonly waitMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What one user may have of all: of the bytes, and of the places to wait. */
const SHARE = 1 / 2;
/** Few: a body that is not read yet may have thousands of tiny chunks in its socket's buffer. */
const MAX_WAITING = 64;
const DEFAULT_WAIT_MS = 5_000;
const RETRY_AFTER_SECONDS = 2;

/** So many bytes for a user. */
interface Claim {
  readonly userId: string;
  readonly bytes: number;
}

interface Waiter {
  readonly claim: Claim;
  readonly admit: () => void;
}

/**
 * Bytes of memory that requests hold together, at most half of them one user's. Where there is no room a claim waits,
 * first come, first served among what fits: one that waits for its user's own share delays nobody else. A claim leaves
 * as much room as it takes, so that large ones never take the last room from small ones; one that is larger than that
 * is granted when it is alone.
 */
export class MemoryBudget {
  readonly #bytes: number;
  readonly #waitMs: number;
  readonly #clock: Clock;
  readonly #heldBy = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();
  #held = 0;

  constructor({ bytes, waitMs = DEFAULT_WAIT_MS, clock = systemClock }: MemoryBudgetOptions) {
    this.#bytes = bytes;
    this.#waitMs = waitMs;
    this.#clock = clock;
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#held;
  }

  /** Claims that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Takes bytes for a user, waiting for room, until `signal` aborts.
   *
   * @returns gives them back before that.
   * @throws QuestlogError when no room came in time: `rate_limited` (429) in the user's own share, `overloaded` (503)
   * in the whole.
   */
  async take(userId: string, bytes: number, signal: AbortSignal): Promise<() => void> {
    const claim = { userId, bytes };
    if (this.#fits(claim)) this.#hold(claim);
    else await this.#waitForRoom(claim);
    let isHeld = true;
    const giveBack = () => {
      if (isHeld) this.#release(claim);
      isHeld = false;
    };
    if (signal.aborted) giveBack();
    else signal.addEventListener('abort', giveBack, { once: true });
    return giveBack;
  }

  #waitForRoom(claim: Claim): Promise<void> {
    const ofUser = [...this.#waiting].filter((waiter) => waiter.claim.userId === claim.userId);
    if (this.#waiting.size >= MAX_WAITING || ofUser.length >= MAX_WAITING * SHARE) throw this.#refusal(claim);
    return new Promise((resolve, reject) => {
      const stopTimer = this.#clock.after(this.#waitMs, () => {
        this.#waiting.delete(waiter);
        reject(this.#refusal(claim));
      });
      const admit = () => {
        stopTimer();
        this.#waiting.delete(waiter);
        this.#hold(claim);
        resolve();
      };
      const waiter = { claim, admit };
      this.#waiting.add(waiter);
    });
  }

  #hold({ userId, bytes }: Claim): void {
    this.#held += bytes;
    this.#heldBy.set(userId, this.#ofUser(userId) + bytes);
  }

  #release({ userId, bytes }: Claim): void {
    this.#held -= bytes;
    const left = this.#ofUser(userId) - bytes;
    if (left > 0) this.#heldBy.set(userId, left);
    else this.#heldBy.delete(userId);
    for (const waiter of this.#waiting) if (this.#fits(waiter.claim)) waiter.admit();
  }

  #ofUser(userId: string): number {
    return this.#heldBy.get(userId) ?? 0;
  }

  #fits(claim: Claim): boolean {
    return this.#fitsShare(claim) && (this.#held === 0 || this.#held + 2 * claim.bytes <= this.#bytes);
  }

  #fitsShare({ userId, bytes }: Claim): boolean {
    const held = this.#ofUser(userId);
    return held === 0 || held + bytes <= this.#bytes * SHARE;
  }

  #refusal(claim: Claim): QuestlogError {
    const details = { retry_after: RETRY_AFTER_SECONDS };
    return this.#fitsShare(claim)
      ? new QuestlogError('overloaded', 'too much is sent at the moment: wait a little', { details })
      : new QuestlogError('rate_limited', 'too many of your requests are under way: wait a little', {
          details,
        });
  }
}
