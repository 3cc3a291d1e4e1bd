import { setImmediate } from 'node:timers/promises';

/** How long one piece of work keeps everybody else from the event loop, in milliseconds. */
const PIECE_MS = 2;

/**
 * Long work on the event loop in pieces, so that others get in between: one piece of all users in a turn of the loop,
 * and the users take turns. What is done within a piece waits for nobody.
 */
export class Turns {
  /** By user, in the order of their turns; nobody is in it who waits for nothing. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isTaking = false;

  /** As the list's own `map`. It stops where `work` throws. */
  async map<Element, Result>(
    userId: string,
    list: readonly Element[],
    work: (element: Element, index: number) => Result,
  ): Promise<Result[]> {
    const results: Result[] = [];
    let end = performance.now() + PIECE_MS;
    for (const element of list) {
      if (performance.now() >= end) {
        await this.#take(userId);
        end = performance.now() + PIECE_MS;
      }
      results.push(work(element, results.length));
    }
    return results;
  }

  #take(userId: string): Promise<void> {
    return new Promise((resolve) => {
      const ofUser = this.#waiting.get(userId);
      if (ofUser === undefined) this.#waiting.set(userId, [resolve]);
      else ofUser.push(resolve);
      if (!this.#isTaking) void this.#takeTurns();
    });
  }

  async #takeTurns(): Promise<void> {
    this.#isTaking = true;
    await setImmediate();
    for (const [userId, [first, ...others]] of this.#waiting) {
      // Behind all others: a map is gone through in the order in which its keys came.
      this.#waiting.delete(userId);
      if (others.length > 0) this.#waiting.set(userId, others);
      first?.();
      await setImmediate();
    }
    this.#isTaking = false;
  }
}
