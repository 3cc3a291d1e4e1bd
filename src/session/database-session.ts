import type {
  AgentInputItem,
  OpenAIResponsesCompactionAwareSession,
  RunContext,
  RunContextAwareSession,
  SessionHistoryRewriteArgs,
  SessionHistoryRewriteAwareSession,
  SessionHistoryTransactionArgs,
  SessionHistoryTransactionAwareSession,
} from '@openai/agents-core';
import { doInOrder } from '../database/database.ts';
import type { Queryable } from '../driver/driver.ts';
import { invalidField } from '../errors.ts';
import { type ForkOptions, forkChat } from '../store/chats/fork-chat.ts';
import { deleteNewestItem } from '../store/items/chat-items.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';
import { decodeItem, encodeItems } from '../store/items/item-json.ts';
import { type LockedChat, moveNextPosition } from '../store/items/locked-chat.ts';
import { popItem } from '../store/items/pop-item.ts';
import { type Alternative, getAlternatives } from '../store/items/read-alternatives.ts';
import { getItems } from '../store/items/read-items.ts';
import { assertCount, type ListAlternativesOptions, select, setNewestAside } from './alternatives.ts';
import {
  appendToChat,
  assertMine,
  changeChat,
  changeOrCreateChat,
  chatNotFound,
  ownerOf,
} from './change-chat.ts';
import { checkCompaction, compactAfterTurn } from './compaction.ts';
import { forModel } from './for-model.ts';
import { clearHistory, forgetHistory, replaceFunctionCalls, replaceHistory } from './history-mutations.ts';
import { applyTransaction, readTransaction } from './history-transaction.ts';
import { checkSessionOptions, type DatabaseSessionOptions, userOf } from './session-options.ts';

/**
 * The memory of one chat, for `run(agent, input, { session })`: the Agents SDK's `Session`, with its optional
 * capabilities for run contexts, history mutations, history transactions and compaction
 * (`@openai/agents-core`, `memory/session.d.ts`). It holds no state: every call reads or writes the database, so any
 * number of processes may share a chat. Calls of one process about one chat take effect in their order, whether they are
 * awaited or not; on a `pg` client or pool of the caller's, in the order in which that serves them.
 *
 * Every method throws `QuestlogError`: `chat_not_found` for a chat that does not exist or is another user's,
 * `invalid_item` and `item_too_large` before anything is written, `database_unavailable` when nothing was stored, and
 * `outcome_unknown` when the database did not say whether it made a change. All changes but two may then be made again:
 * `addItems`, which would append twice, and `popItem`. Read the history first; or append with `applyHistoryTransaction`,
 * whose operation id makes a second time do nothing.
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
  /** Only with a `compaction`: the SDK's runner calls it after each turn that it has stored. */
  readonly runCompaction?: OpenAIResponsesCompactionAwareSession['runCompaction'];
  readonly #chatId: string;
  readonly #db: Queryable;
  readonly #options: DatabaseSessionOptions<TContext>;

  constructor(chatId: string, db: Queryable, options: DatabaseSessionOptions<TContext> = {}) {
    checkSessionOptions(chatId, options);
    this.#chatId = chatId;
    this.#db = db;
    this.#options = options;
    const { compaction } = options;
    if (compaction === undefined) return;
    checkCompaction(compaction);
    this.runCompaction = (args, run) => {
      const options = { force: args?.force, run, maxItemBytes: this.#options.maxItemBytes };
      const owner = () => userOf(this.#options, run) ?? null;
      return compactAfterTurn(db, chatId, owner, compaction, options, this.#options.onCompactionError);
    };
  }

  async getSessionId(): Promise<string> {
    return this.#chatId;
  }

  /**
   * The history, oldest item first: all of it, or the newest `limit` items (a fraction counts as the next whole number,
   * zero and less as none). One statement. What was stored as a plain text of the assistant comes as a list of parts, which
   * is what the SDK reads.
   */
  async getItems(limit?: number, run?: RunContext<TContext>): Promise<AgentInputItem[]> {
    if (limit !== undefined && (typeof limit !== 'number' || Number.isNaN(limit))) {
      throw invalidField('limit', 'must be a number');
    }
    const newest = limit === undefined ? undefined : Math.min(Math.ceil(limit), Number.MAX_SAFE_INTEGER);
    return this.#inOrder('read', run, async (userId) => {
      const range = { limit: newest, forModel: true };
      const items =
        newest === undefined || newest > 0 ? await getItems(this.#db, this.#chatId, userId, range) : [];
      if (items.length === 0) await assertMine(this.#db, this.#chatId, userId);
      return items.map(forModel);
    });
  }

  /** Appends items, all or none: one statement, which others may share, or a transaction of many. Equal ones are all kept. */
  async addItems(items: AgentInputItem[], run?: RunContext<TContext>): Promise<void> {
    const userId = userOf(this.#options, run);
    const encoded = this.#encode(items);
    if (encoded.texts.length > 0) await appendToChat(this.#db, this.#chatId, userId, encoded);
  }

  /** Removes and returns the newest item. Two callers never get the same one. One statement, mostly. */
  async popItem(run?: RunContext<TContext>): Promise<AgentInputItem | undefined> {
    return this.#inOrder('change', run, async (userId) => {
      const popped = await popItem(this.#db, this.#chatId, userId);
      if (popped !== undefined) return forModel(decodeItem(popped));
      return changeChat(this.#db, this.#chatId, userId, async (tx, chat) => {
        const text = await deleteNewestItem(tx, chat);
        if (text === undefined) return undefined;
        await moveNextPosition(tx, chat, 0);
        return forModel(decodeItem(text));
      });
    });
  }

  /**
   * Empties the history, in one transaction: its items go to the archive (`archived_items`), alternatives and the
   * operation ids of history transactions are forgotten. The chat itself stays.
   */
  async clearSession(run?: RunContext<TContext>): Promise<void> {
    await this.#change(run, clearHistory);
  }

  /** As `clearSession`, for good: removes all items, archived ones too. `hardDeleteChat` removes the chat as well. */
  async forgetSession(run?: RunContext<TContext>): Promise<void> {
    await this.#change(run, forgetHistory);
  }

  /** Makes `items` the history and moves what was there to the archive (`archived_items`), in one transaction. */
  async replaceHistoryWithCompaction(items: AgentInputItem[], run?: RunContext<TContext>): Promise<void> {
    const encoded = this.#encode(items);
    await this.#change(run, (tx, chat) => replaceHistory(tx, chat, encoded), changeOrCreateChat);
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
    await this.#change(run, (tx, chat) => applyTransaction(tx, chat, transaction), changeOrCreateChat);
  }

  /**
   * Sets the newest `count` items aside: what is added next is an alternative to them. Nothing is lost: `selectAlternative`
   * takes them back.
   *
   * @throws QuestlogError `chat_busy` while a run of Questlog's is active on the chat.
   */
  async setAside(count: number, run?: RunContext<TContext>): Promise<void> {
    assertCount('count', count);
    await this.#change(run, (tx, chat) => setNewestAside(tx, chat, count));
  }

  /** The alternatives at the points of the history, oldest first. */
  async listAlternatives(
    { after = -1, limit = 100 }: ListAlternativesOptions = {},
    run?: RunContext<TContext>,
  ): Promise<Alternative[]> {
    assertCount('limit', limit);
    return this.#inOrder('read', run, (userId) =>
      getAlternatives(this.#db, this.#chatId, userId, { after, limit }),
    );
  }

  /**
   * Makes an alternative the end of the history; what stands behind its point is set aside.
   *
   * @throws QuestlogError `alternative_not_found`, `chat_busy`.
   */
  async selectAlternative(alternativeId: number, run?: RunContext<TContext>): Promise<void> {
    assertCount('alternativeId', alternativeId);
    await this.#change(run, (tx, chat) => select(tx, chat, alternativeId));
  }

  /**
   * Makes a new chat of the history, up to the item at `position` (default: all of it). Both go on apart.
   *
   * @returns a session of it, with the options of this one.
   * @throws QuestlogError `chat_not_found`, also for a soft-deleted chat; `invalid_request` naming `position`.
   */
  async fork(options: ForkOptions = {}, run?: RunContext<TContext>): Promise<DatabaseSession<TContext>> {
    const fork = await this.#inOrder('read', run, (userId) =>
      forkChat(this.#db, this.#chatId, userId, options),
    );
    if (fork === undefined) throw chatNotFound(this.#chatId);
    return new DatabaseSession(fork.chatId, this.#db, this.#options);
  }

  /** The SDK compares what it was given with what it has itself, which may be a plain message of the assistant. */
  prepareHistoryItemsForPersistenceComparison(items: AgentInputItem[]): AgentInputItem[] {
    return items.map(forModel);
  }

  async #inOrder<Result>(
    access: 'read' | 'change',
    run: RunContext<TContext> | undefined,
    work: (userId: string) => Promise<Result>,
  ): Promise<Result> {
    const userId = userOf(this.#options, run);
    return doInOrder(this.#db, this.#chatId, access, async () =>
      work(userId ?? (await ownerOf(this.#db, this.#chatId))),
    );
  }

  #encode(items: readonly unknown[]): EncodedItems {
    return encodeItems(items, { maxItemBytes: this.#options.maxItemBytes });
  }

  /** @param change default: a chat that this user has not begun has nothing to change. */
  async #change(
    run: RunContext<TContext> | undefined,
    work: (tx: Queryable, chat: LockedChat) => Promise<void>,
    change: typeof changeChat<void> | typeof changeOrCreateChat = changeChat,
  ): Promise<void> {
    await this.#inOrder('change', run, (userId) => change(this.#db, this.#chatId, userId, work));
  }
}
