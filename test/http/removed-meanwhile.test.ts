import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Statement } from '../../src/driver/driver.ts';
import { createChat, deleteChat, getChatById, hardDeleteChat } from '../../src/index.ts';
import { serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';

/** A database on which `work` is done just before somebody reads items. */
function beforeItems(db: Database, work: () => Promise<unknown>): Database {
  return new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: [Statement]) => {
        if (name === 'query' && / chat_items/.test(args[0].text)) await work();
        return Reflect.apply(member, target, args);
      };
    },
  });
}

const conversation = [{ role: 'user', content: 'hello' }];

describe.each(DATABASES)('a chat that is removed while somebody reads it, on $name', ({ open }) => {
  it.each([
    ['GET', '', undefined],
    ['GET', '/items', undefined],
    ['PUT', '', { title: 'new' }],
    ['POST', '/restore', undefined],
  ] as const)('is not there, and never an empty one: %s /chats/{id}%s', async (method, path, payload) => {
    const db = await open();
    const user = newUser();
    const { chatId } = await createChat(db, user, { conversation });
    if (path === '/restore') await deleteChat(db, chatId, user);
    const app = await serverOn(beforeItems(db, () => hardDeleteChat(db, chatId, user)));
    const url = `/chats/${chatId}${path}`;
    const reply = await app.inject({
      method,
      url,
      headers: { 'x-test-user': user },
      ...(payload && { payload }),
    });
    expect(reply.statusCode, reply.body).toBe(404);
    expect(reply.json()).toMatchObject({ code: 'chat_not_found' });
    expect(reply.headers.etag).toBeUndefined();
  });

  it('is left out of a list with conversations, where an empty one stays', async () => {
    const db = await open();
    const user = newUser();
    const [empty, removed, full] = [
      await createChat(db, user),
      await createChat(db, user, { conversation }),
      await createChat(db, user, { conversation }),
    ];
    const app = await serverOn(beforeItems(db, () => hardDeleteChat(db, removed.chatId, user)));
    const url = '/chats?include=conversation';
    const reply = await app.inject({ url, headers: { 'x-test-user': user } });
    expect(reply.json()).toMatchObject({
      chats: [
        { chat_id: full.chatId, conversation },
        { chat_id: empty.chatId, conversation: [] },
      ],
    });
  });

  it('is undefined for the library', async () => {
    const db = await open();
    const user = newUser();
    const { chatId } = await createChat(db, user, { conversation });
    const racing = beforeItems(db, () => hardDeleteChat(db, chatId, user));
    expect(await getChatById(racing, chatId, user)).toBeUndefined();
  });
});
