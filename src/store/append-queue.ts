import type { Database } from '../db/database.ts';
import { sqlstateOf } from '../db/sqlstate.ts';
import { QuestlogError } from '../errors.ts';
import { EncodedItems } from './item-json.ts';

/** Appends to one chat. False: there is no such chat for this user. */
type Append = (items: EncodedItems) => Promise<boolean>;

interface Waiting {
  readonly items: EncodedItems;
  readonly resolve: (outcome: Promise<boolean>) => void;
}

/** So many characters of JSON are written together at most, unless one append alone has more. */
const MOST_CHARACTERS = 1_000_000;
/**
 * Classes of SQLSTATEs that may be the fault of one append among several: data exception, integrity constraint
 * violation, program limit exceeded, and what a trigger of the database's owner raises.
 */
const OF_ONE = /^(22|23|54|P0)/;

/** By database and chat: what waits while an append to the chat is on its way. */
const QUEUES = new WeakMap<Database, Map<string, Waiting[]>>();

/**
 * Appends when no other append of this process to the same chat is on its way; those that had to wait are written
 * together, in the order in which they came, since the chat's row would let them through one by one. Each is
 * acknowledged when it is stored, and fails only for a reason of its own or one that concerns them all.
 *
 * @param chat one text for each chat and user.
 */
export async function appendInTurn(
  db: Database,
  chat: string,
  items: EncodedItems,
  append: Append,
): Promise<boolean> {
  const queues = QUEUES.get(db) ?? new Map<string, Waiting[]>();
  QUEUES.set(db, queues);
  const waiting = queues.get(chat);
  if (waiting !== undefined) return new Promise((resolve) => waiting.push({ items, resolve }));
  const queue: Waiting[] = [];
  queues.set(chat, queue);
  try {
    return await append(items);
  } finally {
    void writeWaiting(queue, append, () => queues.delete(chat));
  }
}

/** @param done is called at once when nothing waits: whoever comes later must not find this queue. */
async function writeWaiting(queue: Waiting[], append: Append, done: () => void): Promise<void> {
  while (queue.length > 0) await appendTogether(takeBatch(queue), append);
  done();
}

function takeBatch(queue: Waiting[]): Waiting[] {
  let characters = 0;
  const end = queue.findIndex(({ items }) => {
    characters += items.texts.reduce((sum, text) => sum + text.length, 0);
    return characters > MOST_CHARACTERS;
  });
  return queue.splice(0, end === -1 ? queue.length : Math.max(end, 1));
}

async function appendTogether(batch: readonly Waiting[], append: Append): Promise<void> {
  const together = append(new EncodedItems(batch.flatMap(({ items }) => items.texts)));
  const refused = await together.then(() => false, isOfOne);
  for (const { items, resolve } of batch) {
    const outcome = refused && batch.length > 1 ? append(items) : together;
    resolve(outcome);
    await outcome.catch(() => undefined);
  }
}

/** Whether a failed statement, of which nothing is stored, may succeed for some of those who were in it. */
function isOfOne(error: unknown): boolean {
  return error instanceof QuestlogError && OF_ONE.test(sqlstateOf(error.cause) ?? '');
}
