import { isDatabase, type Queryable } from '../db/database.ts';
import { isRefusal } from '../db/sqlstate.ts';
import { EncodedItems } from '../store/item-json.ts';

/** An append, and how to write it or several of them. False: there is no such chat for this user. */
export interface Append {
  /** As whom: appends of the same owner may be written together. */
  readonly owner: string | null;
  readonly items: EncodedItems;
  readonly write: (items: EncodedItems) => Promise<boolean>;
}

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

/** So many characters of JSON are written together at most, unless one append alone has more. */
export const MOST_CHARACTERS = 1_000_000;

/** By database and chat, while there is anything to do. */
const QUEUES = new WeakMap<Queryable, Map<string, Queue>>();

/**
 * Appends when nothing of this process is on its way in the chat. Appends that had to wait are written together, in the
 * order in which they came, since the chat's row would let them through one by one. Each is acknowledged when it is
 * stored, and fails only for a reason of its own or one that concerns them all.
 */
export function appendInTurn(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  const queue = QUEUES.get(db)?.get(chatId);
  if (queue === undefined || isFree(queue, false))
    return inTurn(db, chatId, () => append.write(append.items));
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
    if (queue.reads === 0) void doWaiting(queue, () => QUEUES.get(db)?.delete(chatId));
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

/** @param done is called at once when nothing waits: whoever comes later must not find this queue. */
async function doWaiting(queue: Queue, done: () => void): Promise<void> {
  const { waiting } = queue;
  queue.isBusy = true;
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    if ('items' in next) await writeTogether(takeBatch(waiting, next.owner));
    else await Promise.allSettled(takeWork(waiting, next.reads).map(({ start }) => start()));
  }
  done();
}

/** The first that waits, which is no append, and with a read those behind it. */
function takeWork(waiting: Waiting[], reads: boolean): WaitingWork[] {
  const work: WaitingWork[] = [];
  for (let next = waiting[0]; next !== undefined && !('items' in next); next = waiting[0]) {
    if (work.length > 0 && !(reads && next.reads)) break;
    work.push(next);
    waiting.shift();
  }
  return work;
}

/** The appends of one owner at the beginning of the queue, at least one. */
function takeBatch(waiting: Waiting[], owner: string | null): WaitingAppend[] {
  const batch: WaitingAppend[] = [];
  let characters = 0;
  for (let next = waiting[0]; next !== undefined && 'items' in next; next = waiting[0]) {
    characters += next.items.characters;
    if (next.owner !== owner || (batch.length > 0 && characters > MOST_CHARACTERS)) break;
    batch.push(next);
    waiting.shift();
  }
  return batch;
}

async function writeTogether(batch: readonly WaitingAppend[]): Promise<void> {
  const [first] = batch as [WaitingAppend];
  const together = first.write(new EncodedItems(batch.flatMap(({ items }) => items.texts)));
  const refused = await together.then(() => false, isRefusal);
  for (const { items, write, resolve } of batch) {
    const outcome = refused && batch.length > 1 ? write(items) : together;
    resolve(outcome);
    await outcome.catch(() => undefined);
  }
}
