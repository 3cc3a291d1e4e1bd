import { AsyncResource } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';

/** How long one piece of work keeps everybody else from the event loop, in milliseconds. */
const PIECE_MS = 2;
/** After so long without another user there are none, in milliseconds. */
const OTHERS_MS = 1_000;
const MAX_REST_MS = 1_000;

/** Whose work it is; null and undefined: of no one user. */
export interface Claim {
  readonly userId?: string | null | undefined;
  /** Of large work a user does one piece at a time. */
  readonly isLarge?: boolean | undefined;
}

type Piece = () => Promise<unknown>;

/** Long work of a user on the event loop. */
export class Pieces {
  readonly #next: () => Promise<void>;
  #tookMs = 0;

  constructor(next: () => Promise<void>) {
    this.#next = next;
  }

  /** Whether this piece has taken as long as one may. */
  get isOver(): boolean {
    return this.#tookMs >= PIECE_MS;
  }

  /** Resolves when the next one may be done. */
  async next(): Promise<void> {
    await this.#next();
    this.#tookMs = 0;
  }

  do<Result>(work: () => Result): Result {
    const began = performance.now();
    const result = work();
    this.#tookMs += performance.now() - began;
    return result;
  }
}

/**
 * The large work of all users, in pieces: long lists on the event loop, large statements. Each user has a line of their
 * own, of which one piece is done at a time. Where there are others, a user rests after each long one for as long as it
 * took. On the event loop one piece of all users is done in a turn.
 */
export class Turns {
  /** By user, in order; a set lets go of what is begun. Nobody is in it who has nothing to do. */
  readonly #lines = new Map<string, Set<Piece>>();
  /** The last piece on the event loop. */
  #onLoop: Promise<void> = Promise.resolve();
  #lastUser: string | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;

  /** As the list's own `map`. What takes no longer than a piece waits for nobody. It stops where `work` throws. */
  async map<Element, Result>(
    userId: string,
    list: readonly Element[],
    work: (element: Element, index: number) => Result,
  ): Promise<Result[]> {
    const pieces = this.begin(userId);
    const results: Result[] = [];
    for (const element of list) {
      if (pieces.isOver) await pieces.next();
      results.push(pieces.do(() => work(element, results.length)));
    }
    return results;
  }

  /** Begins long work on the event loop, the first piece of which is now. */
  begin(userId: string): Pieces {
    this.#notice(userId);
    return new Pieces(() => this.#nextPiece(userId));
  }

  /** Does work elsewhere, such as a statement: what is not large at once. */
  run<Result>({ userId, isLarge = false }: Claim, work: () => Promise<Result>): Promise<Result> {
    if (typeof userId !== 'string') return work();
    this.#notice(userId);
    if (!isLarge) return work();
    return new Promise((resolve, reject) =>
      this.#join(
        userId,
        // Whoever is before it begins it, which is not to do the work as its own.
        AsyncResource.bind(() => work().then(resolve, reject)),
      ),
    );
  }

  /** Resolves when the next piece of this user may be done on the event loop. */
  #nextPiece(userId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#join(userId, () => {
        this.#onLoop = this.#onLoop.then(async () => {
          await setImmediate();
          resolve();
          await setImmediate();
        });
        return this.#onLoop;
      });
    });
  }

  #join(userId: string, piece: Piece): void {
    const line = this.#lines.get(userId) ?? new Set();
    line.add(piece);
    if (this.#lines.has(userId)) return;
    this.#lines.set(userId, line);
    void this.#doPieces(userId, line);
  }

  async #doPieces(userId: string, line: Set<Piece>): Promise<void> {
    for (const piece of line) {
      line.delete(piece);
      const began = performance.now();
      await piece();
      await this.#rest(performance.now() - began);
    }
    this.#lines.delete(userId);
  }

  /** What takes no longer than a piece asks nothing of its user. */
  async #rest(tookMs: number): Promise<void> {
    if (tookMs < PIECE_MS || performance.now() - this.#changedAt > OTHERS_MS) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(tookMs, MAX_REST_MS)));
  }

  #notice(userId: string): void {
    if (userId === this.#lastUser) return;
    this.#lastUser = userId;
    this.#changedAt = performance.now();
  }
}
