import { setImmediate } from 'node:timers/promises';
import { type Database, isDatabase, type Queryable } from '../driver/driver.ts';
import {
  type Append,
  appendItems,
  appendItemsOrCreate,
  appendToFreeChats,
  appendToNewChat,
} from '../store/items/append-items.ts';
import { countTogether, halvesOf, isRefused } from './batch.ts';
import { FewAtOnce } from './semaphore.ts';

interface WaitingAppend extends Append {
  readonly chatId: string;
  readonly resolve: (outcome: boolean | Promise<boolean>) => void;
}

/** The appends of this process to a database that are on their way. */
interface Group {
  /** One has a statement of its own, and may have to wait for its chat. */
  hasOne: boolean;
  /** Others are being written together, which waits for no chat. */
  hasOthers: boolean;
  readonly waiting: WaitingAppend[];
  /** Of those that could not be written with the others: to a chat that may not be there. They wait for no chat. */
  readonly first: FewAtOnce;
  /** And the others of those: each may wait for its chat, with a connection of the pool. */
  readonly patient: FewAtOnce;
}

const MOST_FIRST = 4;
const MOST_PATIENT = 4;

const GROUPS = new WeakMap<Queryable, Group>();

/**
 * Appends to a chat, which is made when a user is named and it does not exist. At once when no other append of this
 * process is on its way; what comes meanwhile, to other chats, is written together: many commits and round trips become
 * one. Each is acknowledged when it is stored, fails only for a reason of its own or one that concerns them all, and
 * waits for its own chat, or for another that has to when there are many of those.
 *
 * @returns false when there is no such chat of this user.
 */
export async function appendSoon(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  // In a transaction of the caller's nothing may be written with what others commit.
  if (!isDatabase(db)) return appendAlone(db, chatId, append);
  const group = groupOf(db);
  if (group.hasOne) {
    return new Promise((resolve) => {
      group.waiting.push({ ...append, chatId, resolve });
      if (!group.hasOthers) void writeWaiting(db, group);
    });
  }
  group.hasOne = true;
  try {
    return await appendAlone(db, chatId, append);
  } finally {
    group.hasOne = false;
  }
}

/** Most chats exist: to find that one does not costs less than to be ready for it each time. */
async function appendAlone(db: Queryable, chatId: string, append: Append): Promise<boolean> {
  const { userId, items } = append;
  if (await appendItems(db, chatId, append)) return true;
  return userId !== null && appendItemsOrCreate(db, chatId, userId, items);
}

function groupOf(db: Database): Group {
  const known = GROUPS.get(db);
  if (known !== undefined) return known;
  // Half of the pool is for everybody else, as far as it has halves; one of the other half is for `hasOne`.
  const most = Math.floor(db.connections / 2) - 1;
  const patient = new FewAtOnce(Math.max(1, Math.min(MOST_PATIENT, most)));
  const group = { hasOne: false, hasOthers: false, waiting: [], first: new FewAtOnce(MOST_FIRST), patient };
  GROUPS.set(db, group);
  return group;
}

async function writeWaiting(db: Queryable, group: Group): Promise<void> {
  group.hasOthers = true;
  do {
    // Whoever was just told that an append is stored may be about to ask for the next one.
    await setImmediate();
    await writeTogether(db, group, group.waiting.splice(0, countTogether(group.waiting)));
  } while (group.waiting.length > 0);
  group.hasOthers = false;
}

async function writeTogether(db: Queryable, group: Group, some: readonly WaitingAppend[]): Promise<void> {
  const together = appendToFreeChats(db, new Map(some.map((append) => [append.chatId, append])));
  const refused = await isRefused(together);
  if (refused && some.length > 1) {
    for (const half of halvesOf(some)) await writeTogether(db, group, half);
    return;
  }
  for (const { chatId, resolve, ...append } of some) {
    const alone = () => appendLeftOut(db, group, chatId, append);
    resolve(refused ? alone() : together.then((written) => written.has(chatId) || alone()));
  }
}

async function appendLeftOut(
  db: Queryable,
  { first, patient }: Group,
  chatId: string,
  append: Append,
): Promise<boolean> {
  const { userId, items } = append;
  if (userId !== null && (await first.do(() => appendToNewChat(db, chatId, userId, items)))) return true;
  return patient.do(() => appendAlone(db, chatId, append));
}
