import type { AgentInputItem, Session } from '@openai/agents-core';
import type { Database } from '../../database/database.ts';
import type { Retry } from '../../driver/retry.ts';
import { forModel } from '../../session/for-model.ts';
import type { EncodedItems } from '../../store/items/encoded-items.ts';
import { decodeItems } from '../../store/items/item-json.ts';
import { getItems } from '../../store/items/read-items.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { Api } from '../model-input/model-input.ts';
import { pairCalls } from '../model-input/pair-calls.ts';
import { toReadable } from '../model-input/readable.ts';
import { cutToWindow, type HistoryWindow } from '../model-input/window.ts';

export interface RunSessionOptions {
  readonly db: Database;
  readonly lease: RunLease & { readonly chatId: string };
  /** The history ends before this position, where the input of the run begins. */
  readonly before: number;
  /** What the run answers, whole, also when somebody removes it from the chat meanwhile. None when it goes on. */
  readonly input: EncodedItems | undefined;
  /** The API of the agent's model. */
  readonly api: Api;
  readonly window: HistoryWindow | undefined;
  readonly retry: Retry;
}

/** The session of a run; undefined for one without memory. */
export function makeRunSession({
  lease: { chatId, ...lease },
  ...options
}: Omit<RunSessionOptions, 'lease'> & { readonly lease: RunLease }): RunSession | undefined {
  return chatId === null ? undefined : new RunSession({ ...options, lease: { ...lease, chatId } });
}

/**
 * The session of one run whose input is stored before the run begins. To the SDK that input is the end of the history
 * and the run brings none of its own, so what the SDK hands over is what the run made, however it orders, filters or
 * drops its input. That is collected, to be stored when it is known how the run ended.
 */
export class RunSession implements Session {
  readonly #options: RunSessionOptions;
  readonly #newItems: AgentInputItem[] = [];
  #compacted = false;

  constructor(options: RunSessionOptions) {
    this.#options = options;
  }

  /** The final items of the run, in the SDK's words. */
  get newItems(): readonly AgentInputItem[] {
    return this.#newItems;
  }

  /** Whether `made` takes the place of the whole history, which then goes to the archive. */
  get compacted(): boolean {
    return this.#compacted;
  }

  async getSessionId(): Promise<string> {
    return this.#options.lease.chatId;
  }

  async getItems(limit?: number): Promise<AgentInputItem[]> {
    const given = this.#compacted ? [] : await this.#read();
    const items = [...pairCalls(given), ...this.#newItems];
    return limit === undefined ? items : limit > 0 ? items.slice(-limit) : [];
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    this.#newItems.push(...items);
  }

  async popItem(): Promise<AgentInputItem | undefined> {
    return this.#newItems.pop();
  }

  async clearSession(): Promise<void> {
    await this.replaceHistoryWithCompaction([]);
  }

  async replaceHistoryWithCompaction(items: AgentInputItem[]): Promise<void> {
    this.#compacted = true;
    this.#newItems.splice(0, this.#newItems.length, ...items);
  }

  prepareHistoryItemForModelInput(item: AgentInputItem): AgentInputItem {
    return forModel(item);
  }

  /** The history, cut to its window, and the input. */
  async #read(): Promise<AgentInputItem[]> {
    const { input, window = {}, api } = this.#options;
    // The SDK sends nothing of what stands before a compaction, which Chat Completions cannot read.
    const isLeftOut = ({ type }: AgentInputItem) => api === 'chat_completions' && type === 'compaction';
    const history = await this.#toReadable(await this.#readHistory());
    const own = await this.#toReadable(decodeItems<AgentInputItem>(input?.texts ?? []));
    return [
      ...cutToWindow(
        history.filter((item) => !isLeftOut(item)),
        own,
        window,
      ),
      ...own,
    ];
  }

  async #toReadable(items: readonly AgentInputItem[]): Promise<AgentInputItem[]> {
    const { db, lease } = this.#options;
    const readable = await db.turns.map(lease.userId, items, toReadable);
    return readable.filter((item) => item !== undefined);
  }

  async #readHistory(): Promise<AgentInputItem[]> {
    const { db, lease, before, retry } = this.#options;
    if (before === 0) return [];
    return retry(() => getItems(db, lease.chatId, lease.userId, { before, forModel: true }));
  }
}
