import type { AgentInputItem, Session } from '@openai/agents-core';
import type { Database } from '../db/database.ts';
import { forModel } from '../session/database-session.ts';
import { getItemTexts } from '../store/chat-items.ts';
import { decodeItem } from '../store/item-json.ts';
import type { RunLease } from '../store/runs.ts';
import { type HistoryWindow, toModelHistory } from './history-view.ts';

export interface RunSessionOptions {
  readonly db: Database;
  readonly lease: RunLease & { readonly chatId: string };
  /** What the run began with and the SDK has still to hand over; none when a run goes on. */
  readonly input: readonly AgentInputItem[];
  /** The history ends before this position: the SDK adds the input by itself. */
  readonly before: number;
  readonly window: HistoryWindow | undefined;
}

/**
 * The session of one run. It collects what the SDK hands over, to be stored when it is known how the run ended: the
 * input is stored already, and what the run makes is in its journal.
 */
export class RunSession implements Session {
  readonly #options: RunSessionOptions;
  readonly #made: AgentInputItem[] = [];
  #compacted = false;
  /** How many items of the input the SDK has still to hand over. */
  #expected: number;

  constructor(options: RunSessionOptions) {
    this.#options = options;
    this.#expected = options.input.length;
  }

  /** The final items of the run, in the SDK's words. */
  get made(): readonly AgentInputItem[] {
    return this.#made;
  }

  /** Whether `made` takes the place of the whole history, which then goes to the archive. */
  get compacted(): boolean {
    return this.#compacted;
  }

  async getSessionId(): Promise<string> {
    return this.#options.lease.chatId;
  }

  async getItems(limit?: number): Promise<AgentInputItem[]> {
    const { db, lease, before, window } = this.#options;
    const range = { before, forModel: true };
    const texts = this.#compacted ? [] : await getItemTexts(db, lease.chatId, lease.userId, range);
    const history = texts.map((text) => decodeItem<AgentInputItem>(text));
    const items = [...toModelHistory(history, window), ...this.#made];
    return limit === undefined ? items : limit > 0 ? items.slice(-limit) : [];
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    this.#made.push(...items.slice(this.#inputAtStartOf(items)));
  }

  async popItem(): Promise<AgentInputItem | undefined> {
    return this.#made.pop();
  }

  async clearSession(): Promise<void> {
    await this.replaceHistoryWithCompaction([]);
  }

  async replaceHistoryWithCompaction(items: AgentInputItem[]): Promise<void> {
    this.#expected = 0;
    this.#compacted = true;
    this.#made.splice(0, this.#made.length, ...items);
  }

  prepareHistoryItemForModelInput(item: AgentInputItem): AgentInputItem {
    return forModel(item);
  }

  /**
   * How many of these items are the stored input. The SDK may hand it over changed (an input filter), so the role
   * counts, not the text; and not at all (a pause for approval), so anything else is new.
   */
  #inputAtStartOf(items: readonly AgentInputItem[]): number {
    const { input } = this.#options;
    let count = 0;
    while (this.#expected > 0 && count < items.length) {
      const stored = input[input.length - this.#expected];
      if (kindOf(stored) !== kindOf(items[count])) break;
      this.#expected -= 1;
      count += 1;
    }
    return count;
  }
}

function kindOf(item: AgentInputItem | undefined): string | undefined {
  if (item === undefined) return undefined;
  return 'role' in item && typeof item.role === 'string' ? item.role : item.type;
}
