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
 * The session of one run whose input is stored before the run begins. To the SDK that input is the end of the history
 * and the run brings none of its own, so what the SDK hands over is what the run made: nothing is stored twice,
 * however the SDK orders, filters or drops its input.
 */
export class RunSession implements Session {
  readonly #db: Database;
  readonly #options: RunSessionOptions;
  readonly #session: DatabaseSession;
  readonly #inputEnd: number;

  private constructor(db: Database, options: RunSessionOptions, inputEnd: number) {
    this.#db = db;
    this.#options = options;
    this.#session = new DatabaseSession(options.chatId, db, options);
    this.#inputEnd = inputEnd;
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
    return new RunSession(db, options, appended.first + appended.count);
  }

  getSessionId(): Promise<string> {
    return this.#session.getSessionId();
  }

  /** The history up to this run's input, and nothing of a run beside it. */
  async getItems(limit?: number): Promise<AgentInputItem[]> {
    const { chatId, userId } = this.#options;
    const texts = await getItemTexts(this.#db, chatId, userId, { before: this.#inputEnd, limit });
    return texts.map((text) => decodeItem<AgentInputItem>(text));
  }

  async addItems(items: AgentInputItem[]): Promise<void> {
    if (items.length === 0) return;
    const { chatId, userId, runId, maxItemBytes } = this.#options;
    const encoded = encodeItems(items, { maxItemBytes });
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
    await this.#session.replaceHistoryWithCompaction(items, run);
  }

  prepareHistoryItemForModelInput(item: AgentInputItem): AgentInputItem {
    return this.#session.prepareHistoryItemForModelInput(item);
  }
}
