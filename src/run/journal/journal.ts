import type { AgentInputItem } from '@openai/agents-core';
import type { Queryable } from '../../driver/driver.ts';
import type { Retry } from '../../driver/retry.ts';
import { toCallPart } from '../../session/calls.ts';
import { encodeItems } from '../../store/items/item-json.ts';
import { appendRunItems, getRunItems } from '../../store/runs/run-items.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import { takenOverError } from '../outcome/failure.ts';
import { toCallKey, toResult } from './closing-items.ts';

/** An answer that is just finished is mostly the last: the end of the run will store it in a moment. */
const FLUSH_DELAY_MS = 50;
/** In place of a result that is larger than an item may be, for the model. */
const TOO_LARGE_RESULT = 'The tool finished, but its result was too large to be stored.';

export interface JournalOptions {
  readonly db: Queryable;
  readonly lease: RunLease;
  /** The position where it begins. */
  readonly from: number;
  readonly maxItemBytes: number | undefined;
  readonly retry: Retry;
}

/** Stores what a run makes as it makes it. What it wrote is replaced when the run ends well, and stays otherwise. */
export class Journal {
  readonly #db: Queryable;
  readonly #lease: RunLease;
  readonly #from: number;
  readonly #maxItemBytes: number | undefined;
  readonly #retry: Retry;
  #stored = 0;
  readonly #known = new Set<string>();
  readonly #waiting: AgentInputItem[] = [];
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Why an item could not be stored: the run must not go on without it. */
  #refusal: unknown;

  constructor({ db, lease, from, maxItemBytes, retry }: JournalOptions) {
    this.#db = db;
    this.#lease = lease;
    this.#from = from;
    this.#maxItemBytes = maxItemBytes;
    this.#retry = retry;
  }

  /** Adds a finished item, once: a result comes from its tool and again in the stream. */
  add(item: AgentInputItem): void {
    if (this.#lease.chatId === null || this.#stopped) return;
    if (toCallPart(item) !== undefined && !isNew(toKnownKey(item), this.#known)) return;
    const storable = this.#toStorable(item);
    if (storable === undefined) return;
    this.#waiting.push(storable);
  }

  /** Whether each call and result in the journal is among these items. */
  isCoveredBy(items: readonly AgentInputItem[]): boolean {
    const keys = new Set(items.map(toKnownKey));
    return [...this.#known].every((key) => keys.has(key));
  }

  /** Writes what waits in a moment, unless the run ends before. */
  flushSoon(): void {
    this.#timer ??= setTimeout(() => this.flush().catch(() => undefined), FLUSH_DELAY_MS);
  }

  /**
   * Writes what waits.
   *
   * @throws QuestlogError `run_interrupted` when the chat is no longer this run's; `item_too_large`, `invalid_item`.
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  /** Waits for a write that is under way and leaves the rest to the caller, who ends the run. */
  async stop(): Promise<readonly AgentInputItem[]> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#writing.catch(() => undefined);
    return [...this.#waiting];
  }

  /** The item; of a result that cannot be stored, that there was one. */
  #toStorable(item: AgentInputItem): AgentInputItem | undefined {
    try {
      encodeItems([item], { field: 'made', maxItemBytes: this.#maxItemBytes });
      return item;
    } catch (error) {
      this.#refusal ??= error;
      return item.type === 'function_call_result'
        ? toResult(item.callId, item.name, TOO_LARGE_RESULT)
        : undefined;
    }
  }

  async #write(): Promise<void> {
    if (this.#stopped) return;
    await this.#append();
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async #append(): Promise<void> {
    const count = this.#waiting.length;
    if (count === 0) return;
    const encoded = encodeItems(this.#waiting, { maxItemBytes: this.#maxItemBytes });
    await this.#retry(async (isRetry) => {
      if (isRetry && (await this.#countStored()) > this.#stored) return;
      if (!(await appendRunItems(this.#db, this.#lease, encoded))) throw takenOverError();
    });
    this.#stored += count;
    this.#waiting.splice(0, count);
  }

  async #countStored(): Promise<number> {
    return (await getRunItems(this.#db, this.#lease, this.#from)).length;
  }
}

function isNew(id: string, known: Set<string>): boolean {
  if (known.has(id)) return false;
  known.add(id);
  return true;
}

function toKnownKey(item: AgentInputItem): string {
  return `${toCallPart(item)?.role} ${toCallKey(item)}`;
}
