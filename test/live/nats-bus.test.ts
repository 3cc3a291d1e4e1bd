import { describe, expect, test } from 'vitest';
import { createChat, updateChat } from '../../src/index.ts';
import { busAt } from '../../src/live/bus-at.ts';
import { newUser, SERVER } from '../support/databases.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { liveOn, NEVER_MS, observed, Watcher } from '../support/watching.ts';

const { open } = SERVER;

describe('processes that tell each other over NATS', () => {
  test('hear each other, and again after its server was away, with what was missed', async (context) => {
    const nats = await startNatsServer();
    if ('missing' in nats) return context.skip(nats.missing);
    const db = await open();
    const userId = newUser();
    const [one, other] = [observed(busAt(nats.url)), observed(busAt(nats.url))];
    await liveOn(db, { bus: one.open, pollMs: NEVER_MS });
    // Watches on a database of its own, so that only the bus tells it.
    const watcher = await Watcher.of(
      await liveOn(separate(db), { bus: other.open, pollMs: NEVER_MS }),
      userId,
    );
    await Promise.all([one.connected(), other.connected()]);
    const { chatId } = await createChat(db, userId);
    await watcher.signal('chat_created');
    await nats.stop();
    await updateChat(db, chatId, userId, { title: 'while it is away' });
    await nats.start();
    await Promise.all([one.connected(2), other.connected(2)]);
    await watcher.signal('chat_changed');
    const { version } = (await updateChat(db, chatId, userId, { title: 'again' })) ?? {};
    await watcher.signal('chat_changed', (signal) => signal.version === version);
    expect(watcher.typesOf(chatId)).toEqual(['chat_created', 'chat_changed', 'chat_changed']);
  });
});

/** The same database, without what it tells of its own writers. */
function separate(db: Awaited<ReturnType<typeof open>>): typeof db {
  return Object.create(db, {
    query: { value: db.query.bind(db) },
    transaction: { value: db.transaction.bind(db) },
  });
}
