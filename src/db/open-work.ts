import { QuestlogError } from '../errors.ts';

/** What a database was asked and has not answered yet. */
export class OpenWork {
  #underWay = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  /** @throws QuestlogError `database_closed` once `end` was called. */
  async add<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new QuestlogError('database_closed', 'the database is closed');
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onIdle?.();
    }
  }

  /** Refuses everything from now on, and waits until all that was asked before is answered. Called once. */
  async end(): Promise<void> {
    this.#isClosed = true;
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }
}
