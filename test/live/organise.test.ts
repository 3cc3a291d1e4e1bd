import { describe, expect, test } from 'vitest';
import { createChat, forkChat, updateChat } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { liveOn, Watcher } from '../support/watching.ts';

describe.each(DATABASES)('who watches the chats of a user ($name)', ({ open }) => {
  test('is told of a chat that is organised, and of a fork, also after being away', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [{ role: 'user', content: 'x' }] });
    const live = await liveOn(db, { pollMs: 20 });
    const watcher = await Watcher.of(live, userId);
    const pinned = await updateChat(db, chatId, userId, { isPinned: true });
    await watcher.signal('chat_changed', (signal) => signal.version === pinned?.version);
    // What is told while the next changes are made is told again to who comes back with this.
    const { cursor } = watcher;
    const tagged = await updateChat(db, chatId, userId, { tags: ['a'], metadata: { k: 1 } });
    const fork = await forkChat(db, chatId, userId);
    const late = await Watcher.of(live, userId, cursor);
    for (const one of [watcher, late]) {
      // Who comes back may not have known of the chat: to them it is created, as it is now.
      await Promise.race([
        one.signal('chat_changed', (signal) => signal.version === tagged?.version),
        one.signal('chat_created', (signal) => signal.version === tagged?.version),
      ]);
      await one.signal('chat_created', (signal) => signal.chat_id === fork?.chatId);
      expect(one.signals.filter(({ type }) => type === 'items_replaced')).toEqual([]);
    }
  });
});
