import { QuestlogError } from '../errors.ts';

/** The work in flight on a database. */
export class InFlight {
  #underWay = 0;
  #ending: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** @throws QuestlogError `database_closed` once `drain` was called. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#ending !== undefined) throw new QuestlogError('database_closed', 'the database is closed');
    this.#underWay += 1;
    try {
      return await work();
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
