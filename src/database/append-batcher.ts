import { setImmediate } from 'node:timers/promises';
import type { Driver, Queryable } from '../driver/driver.ts';
import { Shares } from '../driver/shares.ts';
import { type Append, appendItems, appendToFreeChats, appendToNewChat } from '../store/items/append-items.ts';
import type { EncodedItems } from '../store/items/encoded-items.ts';
import { countBatch, isRefused, splitBatch, waitForBatch, writeTogether } from './batch.ts';
import { Semaphore } from './semaphore.ts';

interface WaitingAppend extends Append {
  readonly chatId: string;
  readonly resolve: (outcome: boolean | Promise<boolean>) => void;
}

/** Statements at once that may make a chat; they wait for no lock. */
const CREATE_CONCURRENCY = 4;
/** Statements at once that may wait for the lock of a chat, with a connection of the pool. */
const MAX_LOCK_CONCURRENCY = 4;
/** How long an append may wait for others of its user that have to wait, too: for the lock of a chat, for one. */
const SHARE_TIMEOUT_MS = 30_000;

/**
 * Group commit for appends to different chats of a database. An append goes out at once when no other is under way;
 * those that come meanwhile become one batch: many commits and round trips become one. Each is acknowledged when it is
 * stored, fails only for a reason of its own or one that concerns them all, and waits for its own chat, or for another
 * that has to when there are many of those.
 */
export class AppendBatcher {
  readonly #db: Driver;
  readonly #waiting: WaitingAppend[] = [];
  /** One append has a statement of its own, and may have to wait for its chat. */
  #isWritingSingle = false;
  /** A batch is being written, which waits for no chat. */
  #isWritingBatch = false;
  readonly #creating = new Semaphore(CREATE_CONCURRENCY);
  readonly #locking: Semaphore;
  /** Of the places in both. */
  readonly #shares: Shares;

  constructor(db: Driver) {
    this.#db = db;
    const places = lockConcurrency(db.connections);
    this.#locking = new Semaphore(places);
    this.#shares = new Shares(places, SHARE_TIMEOUT_MS);
  }

  /** @returns false when the chat is another user's. */
  async append(chatId: string, append: Append): Promise<boolean> {
    const slices = append.items.toSlices();
    if (slices.length > 1) {
      const write = () => this.#appendSlices(chatId, append.userId, slices);
      return this.#shares.run(append, () => this.#locking.run(write));
    }
    // The rows of several users are on several nodes: there is nothing to save.
    if (this.#db.isDistributed) return appendOrCreate(this.#db, chatId, append);
    if (this.#isWritingSingle) {
      return waitForBatch((resolve) => {
        this.#waiting.push({ ...append, chatId, resolve });
        if (!this.#isWritingBatch) void this.#writeWaiting();
      });
    }
    this.#isWritingSingle = true;
    try {
      return await appendOrCreate(this.#db, chatId, append);
    } finally {
      this.#isWritingSingle = false;
    }
  }

  /** All of them or none, while the process gets to everybody else between two. */
  #appendSlices(chatId: string, userId: string, slices: readonly EncodedItems[]): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      for (const items of slices) {
        if (!(await appendOrCreate(tx, chatId, { userId, items }))) return false;
        await setImmediate();
      }
      return true;
    }, userId);
  }

  async #writeWaiting(): Promise<void> {
    this.#isWritingBatch = true;
    do {
      // A caller that was just acknowledged may be about to append again.
      await setImmediate();
      await this.#writeBatch(this.#waiting.splice(0, countBatch(this.#waiting)));
    } while (this.#waiting.length > 0);
    this.#isWritingBatch = false;
  }

  async #writeBatch(batch: readonly WaitingAppend[]): Promise<void> {
    const chats = new Map(batch.map((append) => [append.chatId, append]));
    const written = writeTogether(batch.length, () => appendToFreeChats(this.#db, chats));
    const refused = await isRefused(written);
    if (refused && batch.length > 1) {
      for (const half of splitBatch(batch)) await this.#writeBatch(half);
      return;
    }
    for (const { chatId, resolve, ...append } of batch) {
      const appendSingle = () =>
        writeTogether(1, () => this.#shares.run(append, () => this.#appendSingle(chatId, append)));
      resolve(refused ? appendSingle() : written.then((chats) => chats.has(chatId) || appendSingle()));
    }
  }

  /** Appends what a batch left out: to a chat that is not there, or that another transaction has locked. */
  async #appendSingle(chatId: string, append: Append): Promise<boolean> {
    const db = this.#db;
    if (await this.#creating.run(() => appendToNewChat(db, chatId, append))) return true;
    return this.#locking.run(() => appendOrCreate(db, chatId, append));
  }
}

/**
 * Appends to a chat, which is made when it does not exist. Most do: to find that one does not costs less than to be ready
 * for it each time.
 *
 * @returns false when the chat is another user's.
 */
export async function appendOrCreate(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  if (await appendItems(db, chatId, append)) return true;
  if (await appendToNewChat(db, chatId, append)) return true;
  // Made by somebody else since: by another process of this user, or by another user.
  return appendItems(db, chatId, append);
}

/** Half of the pool is for everybody else, as far as it has halves; one of the other half is for the single append. */
function lockConcurrency(connections: number): number {
  return Math.max(1, Math.min(MAX_LOCK_CONCURRENCY, Math.floor(connections / 2) - 1));
}
