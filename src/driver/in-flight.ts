import { QuestlogError } from '../errors.ts';

/** What a database was asked and has not answered yet. */
export class InFlight {
  #underWay = 0;
  #ending: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** @throws QuestlogError `database_closed` once `end` was called. */
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

  /** Refuses everything from now on, and calls `close` when all that was asked before is answered. Once, however often. */
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
