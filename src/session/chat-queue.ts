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

/** Anything else, which is done alone. */
type Waiting = WaitingAppend | (() => Promise<unknown>);

/** So many characters of JSON are written together at most, unless one append alone has more. */
export const MOST_CHARACTERS = 1_000_000;

/** By database and chat: what waits while something that changes the chat is on its way. */
const QUEUES = new WeakMap<Queryable, Map<string, Waiting[]>>();

/**
 * Appends when nothing of this process that changes the chat is on its way. Appends that had to wait are written
 * together, in the order in which they came, since the chat's row would let them through one by one. Each is
 * acknowledged when it is stored, and fails only for a reason of its own or one that concerns them all.
 */
export function appendInTurn(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  const queue = queueOf(db, chatId);
  if (queue === undefined) return inTurn(db, chatId, () => append.write(append.items));
  return new Promise((resolve) => queue.push({ ...append, resolve }));
}

/** Does `work` when nothing of this process that changes the chat is on its way; what comes later waits for it. */
export async function inTurn<Result>(
  db: Queryable,
  chatId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  // In a transaction of the caller's nothing may wait for what others commit.
  if (!isDatabase(db)) return work();
  const known = queueOf(db, chatId);
  if (known !== undefined) return wait(known, work);
  const queue: Waiting[] = [];
  const queues = QUEUES.get(db) ?? new Map<string, Waiting[]>();
  QUEUES.set(db, queues.set(chatId, queue));
  try {
    return await work();
  } finally {
    void doWaiting(queue, () => queues.delete(chatId));
  }
}

/** Does `work`, which changes nothing, when what was asked for before it is done. */
export function afterChanges<Result>(
  db: Queryable,
  chatId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const queue = queueOf(db, chatId);
  return queue === undefined ? work() : wait(queue, work);
}

function queueOf(db: Queryable, chatId: string): Waiting[] | undefined {
  return QUEUES.get(db)?.get(chatId);
}

function wait<Result>(queue: Waiting[], work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve) => {
    queue.push(() => {
      const outcome = work();
      resolve(outcome);
      return outcome;
    });
  });
}

/** @param done is called at once when nothing waits: whoever comes later must not find this queue. */
async function doWaiting(queue: Waiting[], done: () => void): Promise<void> {
  for (let next = queue[0]; next !== undefined; next = queue[0]) {
    if (typeof next === 'function') {
      queue.shift();
      await next().catch(() => undefined);
    } else await writeTogether(takeBatch(queue, next.owner));
  }
  done();
}

/** The appends of one owner at the beginning of the queue, at least one. */
function takeBatch(queue: Waiting[], owner: string | null): WaitingAppend[] {
  const batch: WaitingAppend[] = [];
  let characters = 0;
  for (let next = queue[0]; next !== undefined && typeof next !== 'function'; next = queue[0]) {
    characters += next.items.characters;
    if (next.owner !== owner || (batch.length > 0 && characters > MOST_CHARACTERS)) break;
    batch.push(next);
    queue.shift();
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
