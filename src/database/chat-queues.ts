import { isDatabase, type Queryable } from '../driver/driver.ts';
import type { Append } from '../store/items/append-items.ts';
import { EncodedItems } from '../store/items/item-json.ts';
import { appendSoon } from './append-batcher.ts';
import { countTogether, halvesOf, isRefused } from './batch.ts';

interface WaitingAppend extends Append {
  readonly resolve: (outcome: Promise<boolean>) => void;
}

/** Anything else: changes are done alone, reads beside each other. */
interface WaitingWork {
  readonly reads: boolean;
  readonly start: () => Promise<unknown>;
}

type Waiting = WaitingAppend | WaitingWork;

/** What this process does to a chat. */
interface Queue {
  /** A change is on its way, or something that had to wait. */
  isBusy: boolean;
  /** Reads that did not have to wait. */
  reads: number;
  readonly waiting: Waiting[];
}

/** By database and chat, while there is anything to do. */
const QUEUES = new WeakMap<Queryable, Map<string, Queue>>();

/**
 * Appends when nothing of this process is on its way in the chat. Appends that had to wait are written together, in the
 * order in which they came, since the chat's row would let them through one by one. Each is acknowledged when it is
 * stored, and fails only for a reason of its own or one that concerns them all.
 *
 * @returns false when there is no such chat of this user.
 */
export function appendInTurn(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  const queue = QUEUES.get(db)?.get(chatId);
  if (queue === undefined || isFree(queue, false)) {
    return inTurn(db, chatId, () => appendSoon(db, chatId, append));
  }
  return new Promise((resolve) => queue.waiting.push({ ...append, resolve }));
}

/** Does `work`, which changes the chat, after all that was asked for before; what comes later waits for it. */
export function inTurn<Result>(db: Queryable, chatId: string, work: () => Promise<Result>): Promise<Result> {
  return takeTurn(db, chatId, false, work);
}

/** Does `work`, which changes nothing, after the changes that were asked for before and before those that come later. */
export function betweenChanges<Result>(
  db: Queryable,
  chatId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  return takeTurn(db, chatId, true, work);
}

async function takeTurn<Result>(
  db: Queryable,
  chatId: string,
  reads: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  // In a transaction of the caller's nothing may wait for what others commit.
  if (!isDatabase(db)) return work();
  const queue = queueOf(db, chatId);
  if (!isFree(queue, reads)) return wait(queue, reads, work);
  if (reads) queue.reads += 1;
  else queue.isBusy = true;
  try {
    return await work();
  } finally {
    if (reads) queue.reads -= 1;
    if (queue.reads === 0) void doWaiting(db, chatId, queue);
  }
}

function queueOf(db: Queryable, chatId: string): Queue {
  const queues = QUEUES.get(db) ?? new Map<string, Queue>();
  const queue = queues.get(chatId) ?? { isBusy: false, reads: 0, waiting: [] };
  QUEUES.set(db, queues.set(chatId, queue));
  return queue;
}

function isFree(queue: Queue, reads: boolean): boolean {
  return !queue.isBusy && queue.waiting.length === 0 && (reads || queue.reads === 0);
}

function wait<Result>(queue: Queue, reads: boolean, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve) => {
    const start = () => {
      const outcome = work();
      resolve(outcome);
      return outcome;
    };
    queue.waiting.push({ reads, start });
  });
}

/** Forgets the queue at once when nothing waits: whoever comes later must not find it. */
async function doWaiting(db: Queryable, chatId: string, queue: Queue): Promise<void> {
  const { waiting } = queue;
  queue.isBusy = true;
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if ('items' in next) await writeTogether(db, chatId, takeBatch(waiting, next.userId));
    else await Promise.allSettled(takeWork(waiting, next).map(({ start }) => start()));
  }
  QUEUES.get(db)?.delete(chatId);
}

/** The first that waits, which is no append, and with a read those behind it. */
function takeWork(waiting: Waiting[], first: WaitingWork): WaitingWork[] {
  const isRead = (next: Waiting): next is WaitingWork => 'start' in next && next.reads;
  const work = first.reads ? beginningOf(waiting, isRead) : [first];
  waiting.splice(0, work.length);
  return work;
}

/** The appends of one owner at the beginning, at least one. */
function takeBatch(waiting: Waiting[], userId: string | null): WaitingAppend[] {
  const isMine = (next: Waiting): next is WaitingAppend => 'items' in next && next.userId === userId;
  const mine = beginningOf(waiting, isMine);
  const batch = mine.slice(0, countTogether(mine));
  waiting.splice(0, batch.length);
  return batch;
}

function beginningOf<Kind extends Waiting>(
  waiting: readonly Waiting[],
  is: (next: Waiting) => next is Kind,
): Kind[] {
  const end = waiting.findIndex((next) => !is(next));
  return waiting.slice(0, end === -1 ? waiting.length : end).filter(is);
}

async function writeTogether(db: Queryable, chatId: string, batch: readonly WaitingAppend[]): Promise<void> {
  const userId = batch[0]?.userId ?? null;
  const items = new EncodedItems(batch.flatMap((append) => append.items.texts));
  const together = appendSoon(db, chatId, { userId, items });
  if ((await isRefused(together)) && batch.length > 1) {
    for (const half of halvesOf(batch)) await writeTogether(db, chatId, half);
    return;
  }
  for (const { resolve } of batch) resolve(together);
}
