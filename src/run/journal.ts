import type { AgentInputItem } from '@openai/agents-core';
import type { Queryable } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { encodeItems } from '../store/item-json.ts';
import { appendRunItems, getRunItems } from '../store/run-changes.ts';
import type { RunLease } from '../store/runs.ts';
import { isResult } from './history-view.ts';
import { whileUnavailable } from './retry.ts';

/** An answer that is just finished is mostly the last: the end of the run will store it in a moment. */
const PATIENCE_MS = 50;

/** Stores what a run makes as it makes it. What it wrote is replaced when the run ends well, and stays otherwise. */
export class Journal {
  readonly #db: Queryable;
  readonly #lease: RunLease;
  readonly #from: number;
  readonly #maxItemBytes: number | undefined;
  #stored = 0;
  readonly #answered = new Set<string>();
  readonly #waiting: AgentInputItem[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** @param from the position where it begins. */
  constructor(db: Queryable, lease: RunLease, from: number, maxItemBytes: number | undefined) {
    this.#db = db;
    this.#lease = lease;
    this.#from = from;
    this.#maxItemBytes = maxItemBytes;
  }

  /** Adds a finished item. A result that is there already, from its tool, is not added again. */
  add(item: AgentInputItem): void {
    if (this.#lease.chatId === null) return;
    if (isResult(item)) {
      if (this.#answered.has(item.callId)) return;
      this.#answered.add(item.callId);
    }
    this.#waiting.push(item);
    if (item.type === 'message')
      this.#timer ??= setTimeout(() => this.flush().catch(() => undefined), PATIENCE_MS);
    else this.flush().catch(() => undefined);
  }

  /**
   * Writes what waits.
   *
   * @throws QuestlogError `run_interrupted` when the chat is no longer this run's.
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  /** Waits for a write that is under way and leaves the rest to the caller, who ends the run. */
  async stop(): Promise<readonly AgentInputItem[]> {
    clearTimeout(this.#timer);
    await this.#writing.catch(() => undefined);
    return this.#waiting.splice(0);
  }

  async #write(): Promise<void> {
    const count = this.#waiting.length;
    if (count === 0) return;
    const encoded = encodeItems(this.#waiting, { maxItemBytes: this.#maxItemBytes });
    await whileUnavailable(async (again) => {
      if (again && (await this.#countStored()) > this.#stored) return;
      const written = await appendRunItems(this.#db, this.#lease, encoded);
      if (written === undefined) {
        throw new QuestlogError('run_interrupted', 'another process took over this run');
      }
    });
    this.#stored += count;
    this.#waiting.splice(0, count);
  }

  async #countStored(): Promise<number> {
    return (await getRunItems(this.#db, this.#lease, this.#from)).length;
  }
}
