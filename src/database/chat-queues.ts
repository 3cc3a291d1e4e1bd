import { AsyncResource } from 'node:async_hooks';
import type { Append } from '../store/items/append-items.ts';
import { EncodedItems } from '../store/items/encoded-items.ts';
import type { AppendBatcher } from './append-batcher.ts';
import { countBatch, isRefused, splitBatch, waitForBatch, writeTogether } from './batch.ts';

type Access = 'read' | 'change';

interface WaitingAppend extends Append {
  readonly resolve: (outcome: Promise<boolean>) => void;
}

interface WaitingWork {
  readonly access: Access;
  readonly start: () => Promise<unknown>;
}

type Waiting = WaitingAppend | WaitingWork;

/** A read/write lock with its waiters. */
interface Queue {
  /** A change is under way, or something that had to wait. */
  isBusy: boolean;
  /** Reads under way that did not have to wait. */
  reads: number;
  readonly waiting: Waiting[];
}

/**
 * A read/write lock for each chat that this process works on, first come, first served: changes run one by one, reads
 * beside each other. Appends that had to wait for each other are one batch, since the chat's row would let them through
 * one by one.
 */
export class ChatQueues {
  readonly #batcher: AppendBatcher;
  /** By `chat_id`, while there is anything to do. */
  readonly #queues = new Map<string, Queue>();

  constructor(batcher: AppendBatcher) {
    this.#batcher = batcher;
  }

  /**
   * Appends after all that was asked for before. The append is acknowledged when it is stored, and fails only for a
   * reason of its own or one that concerns its whole batch.
   *
   * @returns false when there is no such chat of this user.
   */
  append(chatId: string, append: Append): Promise<boolean> {
    const queue = this.#queues.get(chatId);
    if (queue === undefined || isFree(queue, 'change')) {
      return this.change(chatId, () => this.#batcher.append(chatId, append));
    }
    return waitForBatch((resolve) => queue.waiting.push({ ...append, resolve }));
  }

  /** Does `work`, which changes the chat, after all that was asked for before; what comes later waits for it. */
  change<Result>(chatId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#enter(chatId, 'change', work);
  }

  /** Does `work`, which changes nothing, after the changes asked for before and before those that come later. */
  read<Result>(chatId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#enter(chatId, 'read', work);
  }

  async #enter<Result>(chatId: string, access: Access, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(chatId) ?? { isBusy: false, reads: 0, waiting: [] };
    this.#queues.set(chatId, queue);
    if (!isFree(queue, access)) return wait(queue, access, work);
    if (access === 'read') queue.reads += 1;
    else queue.isBusy = true;
    try {
      return await work();
    } finally {
      if (access === 'read') queue.reads -= 1;
      if (queue.reads === 0) void this.#drain(chatId, queue);
    }
  }

  /** Forgets the queue at once when nothing waits: what comes later must not find it. */
  async #drain(chatId: string, queue: Queue): Promise<void> {
    const { waiting } = queue;
    queue.isBusy = true;
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if ('items' in next) await this.#writeBatch(chatId, takeBatch(waiting, next.userId));
      else await Promise.allSettled(takeWork(waiting, next).map(({ start }) => start()));
    }
    this.#queues.delete(chatId);
  }

  async #writeBatch(chatId: string, batch: readonly WaitingAppend[]): Promise<void> {
    const userId = batch[0]?.userId as string;
    const items = new EncodedItems(batch.flatMap((append) => append.items.texts));
    const written = writeTogether(batch.length, () => this.#batcher.append(chatId, { userId, items }));
    if ((await isRefused(written)) && batch.length > 1) {
      for (const half of splitBatch(batch)) await this.#writeBatch(chatId, half);
      return;
    }
    for (const { resolve } of batch) resolve(written);
  }
}

function isFree(queue: Queue, access: Access): boolean {
  return !queue.isBusy && queue.waiting.length === 0 && (access === 'read' || queue.reads === 0);
}

function wait<Result>(queue: Queue, access: Access, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve) => {
    // Whoever is before it starts it, which is not to do the work as its own.
    const start = AsyncResource.bind(() => {
      const outcome = work();
      resolve(outcome);
      return outcome;
    });
    queue.waiting.push({ access, start });
  });
}

/** Takes the first change, or the first read with the reads behind it. */
function takeWork(waiting: Waiting[], first: WaitingWork): WaitingWork[] {
  const isRead = (next: Waiting): next is WaitingWork => 'start' in next && next.access === 'read';
  const work = first.access === 'read' ? takeWhile(waiting, isRead) : [first];
  waiting.splice(0, work.length);
  return work;
}

/** Takes the first appends of one owner, at least one. */
function takeBatch(waiting: Waiting[], userId: string): WaitingAppend[] {
  const isMine = (next: Waiting): next is WaitingAppend => 'items' in next && next.userId === userId;
  const mine = takeWhile(waiting, isMine);
  const batch = mine.slice(0, countBatch(mine));
  waiting.splice(0, batch.length);
  return batch;
}

function takeWhile<Kind extends Waiting>(
  waiting: readonly Waiting[],
  is: (next: Waiting) => next is Kind,
): Kind[] {
  const end = waiting.findIndex((next) => !is(next));
  return waiting.slice(0, end === -1 ? waiting.length : end).filter(is);
}
