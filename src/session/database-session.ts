import type {
  AgentInputItem,
  RunContext,
  RunContextAwareSession,
  SessionHistoryRewriteArgs,
  SessionHistoryRewriteAwareSession,
  SessionHistoryTransactionArgs,
  SessionHistoryTransactionAwareSession,
} from '@openai/agents-core';
import { appendOrCreate } from '../database/append-batcher.ts';
import { isDatabase } from '../database/database.ts';
import { atomically, type Queryable } from '../driver/driver.ts';
import { invalidField, QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { chatExists, createChatIfMissing } from '../store/chats/chats.ts';
import type { Append } from '../store/items/append-items.ts';
import { deleteItems, deleteNewestItem, insertItems } from '../store/items/chat-items.ts';
import { archiveItems, forgetOperations } from '../store/items/history.ts';
import { decodeItem, type EncodedItems, encodeItems } from '../store/items/item-json.ts';
import { type LockedChat, lockChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { popItem } from '../store/items/pop-item.ts';
import { getItems } from '../store/items/read-items.ts';
import { replaceFunctionCalls } from './history-mutations.ts';
import { applyTransaction, readTransaction } from './history-transaction.ts';

export interface DatabaseSessionOptions<TContext = unknown> {
  /**
   * Whose chat it is, or how to tell it from the run's context. With it, the first write creates the chat, and
   * another user's chat is refused. Without it the chat must exist, and a caller that has its id is trusted.
   */
  readonly userId?: string | ((run: RunContext<TContext>) => string);
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
}

/**
 * The memory of one chat, for `run(agent, input, { session })`: the Agents SDK's `Session`, with its optional
 * capabilities for run contexts, history mutations, history transactions and compaction
 * (`@openai/agents-core`, `memory/session.d.ts`). It holds no state: every call reads or writes the database, so any
 * number of processes may share a chat. Calls of one process about one chat take effect in their order, whether they are
 * awaited or not; on a `pg` client or pool of the caller's, in the order in which that serves them.
 *
 * Every method throws `QuestlogError`: `chat_not_found` for a chat that does not exist or is another user's,
 * `invalid_item` and `item_too_large` before anything is written, `database_unavailable`.
 *
 * @example
 * const session = new DatabaseSession(chatId, db, { userId });
 * await run(agent, 'What did we discuss earlier?', { session });
 */
export class DatabaseSession<TContext = unknown>
  implements
    RunContextAwareSession<TContext>,
    SessionHistoryRewriteAwareSession,
    SessionHistoryTransactionAwareSession
{
  readonly acceptsRunContext = true;
  readonly #chatId: string;
  readonly #db: Queryable;
  readonly #options: DatabaseSessionOptions<TContext>;

  constructor(chatId: string, db: Queryable, options: DatabaseSessionOptions<TContext> = {}) {
    assertId('chat_id', chatId);
    // A user who is not there (`user?.id`) must not count as "trust everybody": only leaving `userId` out does.
    if ('userId' in options && typeof options.userId !== 'function') assertId('user_id', options.userId);
    this.#chatId = chatId;
    this.#db = db;
    this.#options = options;
  }

  async getSessionId(): Promise<string> {
    return this.#chatId;
  }

  /** The history, oldest item first: all of it, or the newest `limit` items. One statement. */
  async getItems(limit?: number, run?: RunContext<TContext>): Promise<AgentInputItem[]> {
    const userId = this.#userId(run);
    const newest = limit === undefined ? undefined : Math.min(Math.ceil(limit), Number.MAX_SAFE_INTEGER);
    return this.#inOrder('read', async () => {
      const items =
        newest !== undefined && !(newest > 0)
          ? []
          : await getItems(this.#db, this.#chatId, userId, { limit: newest, forModel: true });
      if (items.length === 0) await this.#assertMine(userId);
      return items;
    });
  }

  /** Appends items: one statement, which those may share that wait for the same chat. Equal items are all kept. */
  async addItems(items: AgentInputItem[], run?: RunContext<TContext>): Promise<void> {
    const userId = this.#userId(run);
    const encoded = this.#encode(items);
    if (encoded.texts.length === 0) return;
    const appended = await this.#append({ userId, items: encoded });
    if (!appended) throw notFound(this.#chatId);
  }

  /** Removes and returns the newest item. Two callers never get the same one. One statement, mostly. */
  async popItem(run?: RunContext<TContext>): Promise<AgentInputItem | undefined> {
    const userId = this.#userId(run);
    return this.#inOrder('change', async () => {
      const popped = await popItem(this.#db, this.#chatId, userId);
      if (popped !== undefined) return decodeItem<AgentInputItem>(popped);
      return this.#lockAndChange(userId, async (tx, chat) => {
        const text = await deleteNewestItem(tx, chat);
        if (text === undefined) return undefined;
        await moveNextPosition(tx, chat, 0);
        return decodeItem<AgentInputItem>(text);
      });
    });
  }

  /** Removes all items and forgets the operation ids of history transactions. The chat itself stays. */
  async clearSession(run?: RunContext<TContext>): Promise<void> {
    await this.#change(run, async (tx, chat) => {
      await deleteItems(tx, chat);
      await forgetOperations(tx, chat);
      await moveNextPosition(tx, chat, 0);
    });
  }

  /** Makes `items` the history and moves what was there to the archive (`archived_items`), in one transaction. */
  async replaceHistoryWithCompaction(items: AgentInputItem[], run?: RunContext<TContext>): Promise<void> {
    const encoded = this.#encode(items);
    await this.#changeOrCreate(run, async (tx, chat) => {
      await archiveItems(tx, chat);
      await insertItems(tx, chat, encoded);
      await moveNextPosition(tx, chat, encoded.texts.length);
    });
  }

  /** Replaces stored function calls, as the SDK's `applySessionHistoryMutations` does. */
  async applyHistoryMutations(args: SessionHistoryRewriteArgs, run?: RunContext<TContext>): Promise<void> {
    if (args.mutations.length === 0) return;
    const replacements = args.mutations.map(({ callId, replacement }) => ({
      callId,
      text: this.#encode([replacement]).texts[0] as string,
    }));
    await this.#change(run, async (tx, chat) => {
      for (const { callId, text } of replacements) await replaceFunctionCalls(tx, chat, callId, text);
      await moveNextPosition(tx, chat, 0);
    });
  }

  /**
   * Applies a change of history once: the change and its operation id are stored in one transaction.
   *
   * @throws QuestlogError `history_conflict` when the id was used for another change, or the suffix does not match.
   */
  async applyHistoryTransaction(
    args: SessionHistoryTransactionArgs,
    run?: RunContext<TContext>,
  ): Promise<void> {
    const transaction = readTransaction(args, this.#options.maxItemBytes);
    await this.#changeOrCreate(run, (tx, chat) => applyTransaction(tx, chat, transaction));
  }

  prepareHistoryItemForModelInput(item: AgentInputItem): AgentInputItem {
    return forModel(item);
  }

  /** In a transaction of the caller's, nothing may be written with what others commit, or wait for it. */
  #append(append: Append): Promise<boolean> {
    const db = this.#db;
    return isDatabase(db) ? db.chats.append(this.#chatId, append) : appendOrCreate(db, this.#chatId, append);
  }

  async #inOrder<Result>(access: 'read' | 'change', work: () => Promise<Result>): Promise<Result> {
    return isDatabase(this.#db) ? this.#db.chats[access](this.#chatId, work) : work();
  }

  #encode(items: readonly unknown[]): EncodedItems {
    return encodeItems(items, { maxItemBytes: this.#options.maxItemBytes });
  }

  #userId(run: RunContext<TContext> | undefined): string | null {
    const { userId } = this.#options;
    if (typeof userId !== 'function') return userId ?? null;
    if (run === undefined) throw invalidField('user_id', "comes from the run's context, and there is no run");
    const fromRun = userId(run);
    assertId('user_id', fromRun);
    return fromRun;
  }

  /** Locks the chat and changes it. A chat that this user has not begun has nothing to change. */
  async #change<Result>(
    run: RunContext<TContext> | undefined,
    work: (tx: Queryable, chat: LockedChat) => Promise<Result>,
  ): Promise<Result | undefined> {
    const userId = this.#userId(run);
    return this.#inOrder('change', () => this.#lockAndChange(userId, work));
  }

  async #lockAndChange<Result>(
    userId: string | null,
    work: (tx: Queryable, chat: LockedChat) => Promise<Result>,
  ): Promise<Result | undefined> {
    return atomically(this.#db, async (tx) => {
      const chat = await lockChat(tx, this.#chatId, userId);
      if (chat !== undefined) return work(tx, chat);
      await this.#assertMine(userId, tx);
      return undefined;
    });
  }

  async #changeOrCreate(
    run: RunContext<TContext> | undefined,
    work: (tx: Queryable, chat: LockedChat) => Promise<void>,
  ): Promise<void> {
    const userId = this.#userId(run);
    const change = async (tx: Queryable) => {
      if (userId !== null) await createChatIfMissing(tx, this.#chatId, userId);
      const chat = await lockChat(tx, this.#chatId, userId);
      if (chat === undefined) throw notFound(this.#chatId);
      await work(tx, chat);
    };
    await this.#inOrder('change', () => atomically(this.#db, change));
  }

  /** Tells an empty or not yet begun chat from one that is not there for this user. */
  async #assertMine(userId: string | null, db: Queryable = this.#db): Promise<void> {
    if (await chatExists(db, this.#chatId, userId ?? undefined)) return;
    const notBegun = userId !== null && !(await chatExists(db, this.#chatId));
    if (!notBegun) throw notFound(this.#chatId);
  }
}

/**
 * The form in which a stored item goes to the model. A conversation that came in as plain messages
 * (`{ role: 'assistant', content: 'text' }`) has texts where the SDK wants a list of parts.
 */
export function forModel(item: AgentInputItem): AgentInputItem {
  if (!('role' in item) || item.role !== 'assistant') return item;
  const content: unknown = item.content;
  if (typeof content !== 'string') return item;
  return { ...item, type: 'message', status: 'completed', content: [{ type: 'output_text', text: content }] };
}

function notFound(chatId: string): QuestlogError {
  return new QuestlogError('chat_not_found', `there is no chat ${chatId} (for this user)`);
}
