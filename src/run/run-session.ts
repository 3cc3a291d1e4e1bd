import type { AgentInputItem, RunContext, Session } from '@openai/agents-core';
import type { Database } from '../db/database.ts';
import { QuestlogError } from '../errors.ts';
import { DatabaseSession } from '../session/database-session.ts';
import { appendItems, appendItemsOrCreate, getItemTexts } from '../store/chat-items.ts';
import { getChat } from '../store/chats.ts';
import { decodeItem, encodeItems } from '../store/item-json.ts';
import { titleOf } from './run-input.ts';

export interface RunSessionOptions {
  readonly chatId: string;
  readonly userId: string;
  readonly runId: string;
  readonly input: readonly AgentInputItem[];
  readonly maxItemBytes?: number | undefined;
}

/**
 * The session of one run whose input is stored before the run begins. The SDK hands the input over again with what
 * the run made; it is recognised and not stored twice.
 */
export class RunSession implements Session {
  readonly #db: Database;
  readonly #options: RunSessionOptions;
  readonly #session: DatabaseSession;
  readonly #inputPosition: number;
  /** How many items of the input the SDK has still to hand over. */
  #expected: number;

  private constructor(db: Database, options: RunSessionOptions, inputPosition: number) {
    this.#db = db;
    this.#options = options;
    this.#session = new DatabaseSession(options.chatId, db, options);
    this.#inputPosition = inputPosition;
    this.#expected = options.input.length;
  }

  /**
   * Stores the input in the chat, made for this user if it does not exist.
   *
   * @throws QuestlogError `chat_not_found` when it is somebody else's or soft-deleted.
   */
  static async begin(db: Database, options: RunSessionOptions): Promise<RunSession> {
    const { chatId, userId, runId, input, maxItemBytes } = options;
    const items = encodeItems(input, { field: 'input', maxItemBytes });
    const chat = await getChat(db, chatId, userId, { activeOnly: false });
    if (chat?.isActive === false) {
      throw new QuestlogError('chat_not_found', 'this chat is deleted: restore it first');
    }
    const title = titleOf(input);
    const append = chat === undefined ? appendItemsOrCreate : appendItems;
    const appended = await append(db, chatId, userId, items, { runId, title });
    if (appended === undefined) throw new QuestlogError('chat_not_found', 'there is no such chat');
    return new RunSession(db, options, appended.first);
  }

  getSessionId(): Promise<string> {
    return this.#session.getSessionId();
  }

  /** The history before this run's input, which the SDK adds by itself. */
  async getItems(limit?: number): Promise<AgentInputItem[]> {
    const { chatId, userId } = this.#options;
    const texts = await getItemTexts(this.#db, chatId, userId, { before: this.#inputPosition, limit });
    return texts.map((text) => decodeItem<AgentInputItem>(text));
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    const made = items.slice(this.#inputAtStartOf(items));
    if (made.length === 0) return;
    const { chatId, userId, runId, maxItemBytes } = this.#options;
    const encoded = encodeItems(made, { maxItemBytes });
    const appended = await appendItems(this.#db, chatId, userId, encoded, { runId });
    if (appended === undefined)
      throw new QuestlogError('chat_not_found', 'the chat was removed during the run');
  }

  popItem(): Promise<AgentInputItem | undefined> {
    return this.#session.popItem();
  }

  clearSession(): Promise<void> {
    return this.#session.clearSession();
  }

  async replaceHistoryWithCompaction(items: AgentInputItem[], run?: RunContext): Promise<void> {
    this.#expected = 0;
    await this.#session.replaceHistoryWithCompaction(items, run);
  }

  prepareHistoryItemForModelInput(item: AgentInputItem): AgentInputItem {
    return this.#session.prepareHistoryItemForModelInput(item);
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
