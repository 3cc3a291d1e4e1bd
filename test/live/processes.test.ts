import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  deleteChat,
  hardDeleteChat,
  migrate,
  openDatabase,
  restoreChat,
  updateChat,
} from '../../src/index.ts';
import { busAt } from '../../src/live/bus-at.ts';
import { createPostgresDatabase, newUser } from '../support/databases.ts';
import { Screen, truthOf } from '../support/screen.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { liveOn, NEVER_MS, observed, Watcher, watchPolls } from '../support/watching.ts';

const said = (text: string) => ({ role: 'user' as const, content: text });

/** Two pools on one database stand for two processes; `test/live/servers.test.ts` has real ones. */
describe('two processes on one PostgreSQL', () => {
  let url: string;
  let here: Database;
  let there: Database;

  beforeAll(async () => {
    url = await createPostgresDatabase();
    [here, there] = [await openDatabase(url), await openDatabase(url)];
    await migrate(here);
    return async () => {
      await Promise.all([here.close(), there.close()]);
    };
  });

  async function listening(db: Database, pollMs = NEVER_MS, loses?: () => boolean) {
    const bus = observed(busAt(url), loses);
    const live = await liveOn(db, { bus: bus.open, pollMs });
    await bus.connected();
    return live;
  }

  test('tell each other what changes, by notifications alone', async () => {
    await listening(here);
    const userId = newUser();
    const watcher = await Watcher.of(await listening(there), userId);
    const { chatId } = await createChat(here, userId);
    await watcher.signal('chat_created');
    await new DatabaseSession(chatId, here).addItems([said('a')]);
    expect(await watcher.signal('items_appended')).toMatchObject({ chat_id: chatId, first: 0, last: 0 });
  });

  test('see each other without any notification, a little later', async () => {
    const userId = newUser();
    const watcher = await Watcher.of(await liveOn(there, { pollMs: 50 }), userId);
    const { chatId } = await createChat(here, userId);
    await watcher.signal('chat_created', (signal) => signal.chat_id === chatId);
  });

  test('see a change whose transaction was open for long', async () => {
    const userId = newUser();
    const { chatId } = await createChat(here, userId);
    const live = await liveOn(there, { pollMs: 50 });
    const watcher = await Watcher.of(live, userId);
    const polls = watchPolls(there);
    await here.transaction(async (tx) => {
      await query(tx, { text: `update chats set title = 'late' where chat_id = $1`, values: [chatId] });
      // Longer, by the database's clock, than what a look goes back behind its cursor.
      await query(tx, { text: 'select pg_sleep(2.1)' });
      await polls.next();
    });
    await watcher.signal('chat_changed');
  });

  test('a notification channel that breaks is mended, and what was missed is told', async () => {
    const proxy = await startTcpProxy(url);
    const bus = observed(busAt(proxy.url));
    const live = await liveOn(there, { bus: bus.open, pollMs: NEVER_MS });
    await bus.connected();
    const userId = newUser();
    const watcher = await Watcher.of(live, userId);
    await proxy.cut();
    const { chatId } = await createChat(here, userId);
    await proxy.mend();
    await bus.connected(2);
    await watcher.signal('chat_created', (signal) => signal.chat_id === chatId);
    await listening(here);
    await updateChat(here, chatId, userId, { title: 'again' });
    await watcher.signal('chat_changed');
  });

  test('show the truth in the end when every third notification is lost', async () => {
    const userId = newUser();
    let count = 0;
    let lost = 0;
    let losesAll = false;
    const loses = () => {
      count += 1;
      if (count % 3 > 0 && !losesAll) return false;
      lost += 1;
      return true;
    };
    await listening(here);
    const live = await listening(there, 200, loses);
    const screen = new Screen(there, userId);
    const watch = await live.watch(
      userId,
      undefined,
      (texts) => texts.forEach((text) => void screen.take(JSON.parse(text))),
      () => undefined,
    );
    onTestFinished(watch.end);
    const random = randomFrom(7);
    const chatIds: string[] = [];
    let step = 0;
    // The faster the machine, the more changes go together in one notification.
    for (; step < 300 || lost <= 20; step += 1) await changeSomething(here, userId, chatIds, random, step);
    // Nothing that comes later makes up for the last ones.
    losesAll = true;
    for (const end = step + 10; step < end; step += 1) {
      await changeSomething(here, userId, chatIds, random, step);
    }
    const truth = await truthOf(here, userId);
    await expect.poll(() => screen.shown(), { interval: 100 }).toEqual(truth);
  });
});

/** The same numbers from 0 to 1 for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

async function changeSomething(
  db: Database,
  userId: string,
  chatIds: string[],
  random: () => number,
  step: number,
): Promise<void> {
  const chatId = chatIds[Math.floor(random() * chatIds.length)];
  if (chatId === undefined || random() < 0.05) {
    chatIds.push((await createChat(db, userId, { conversation: [said(`first ${step}`)] })).chatId);
    return;
  }
  const session = new DatabaseSession(chatId, db, { userId });
  const changes = [
    () => session.addItems([said(`${step} a`), said(`${step} b`)]),
    () => session.addItems([said(`${step}`)]),
    () => session.popItem(),
    () => updateChat(db, chatId, userId, { title: `title ${step}` }),
    () => updateChat(db, chatId, userId, { conversation: [said(`anew ${step}`)] }),
    () => deleteChat(db, chatId, userId),
    () => restoreChat(db, chatId, userId),
    () => (random() < 0.1 ? hardDeleteChat(db, chatId, userId) : session.clearSession()),
  ];
  // A chat that is deleted takes no changes.
  await changes[Math.floor(random() * changes.length)]?.().catch(() => undefined);
}
