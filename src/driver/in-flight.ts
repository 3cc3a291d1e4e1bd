import { QuestlogError } from '../errors.ts';
import { type Claim, Shares } from './shares.ts';

/** The work in flight on a database, of which each user has a share; what waits for its share is in flight, too. */
export class InFlight {
  readonly #shares: Shares;
  #underWay = 0;
  #ending: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /**
   * @param connections how many statements and transactions the database works on at once.
   * @param maxWaitMs how long one may wait for others of its user.
   */
  constructor(connections: number, maxWaitMs: number) {
    this.#shares = new Shares(connections, maxWaitMs);
  }

  /** @throws QuestlogError `database_closed` once `drain` was called, `database_busy` when the user's share is full. */
  async run<Result>(claim: Claim, work: () => Promise<Result>): Promise<Result> {
    if (this.#ending !== undefined) throw new QuestlogError('database_closed', 'the database is closed');
    this.#underWay += 1;
    try {
      return await this.#shares.run(claim, work);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onIdle?.();
    }
  }

  /** Refuses new work, and calls `close` when the work in flight is done. Once, however often it is called. */
  drain(close: () => Promise<void>): Promise<void> {
    this.#ending ??= this.#idle().then(close);
    return this.#ending;
  }

  async #idle(): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }
}
