import { describe, expect, test } from 'vitest';
import { asUser, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { type SocketOptions, TestSocket } from '../support/live-socket.ts';

describe.each(DATABASES)('GET /chats/live on $name', ({ open }) => {
  async function serve(user = newUser()) {
    const app = await serverOn(await open());
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const connect = (options: SocketOptions = {}) => new TestSocket(url, { user, ...options });
    return { app, url, user, ask: asUser(app, user), connect };
  }

  test('tells of a chat from its creation to its end', async () => {
    const { ask, connect } = await serve();
    const socket = await connect().ready();
    const created = (await ask('POST', '/chats', {})).json();
    const { chat_id: chatId } = created;
    await socket.message('chat_created', (signal) => signal.chat_id === chatId);
    const changed = await ask('PUT', `/chats/${chatId}`, { title: 'The sunless citadel' });
    const signal = await socket.message('chat_changed');
    expect(`"${signal.version}"`).toBe(changed.headers.etag);
    await ask('DELETE', `/chats/${chatId}`);
    expect(await socket.message('chat_deleted')).toMatchObject({ chat_id: chatId, permanent: false });
    await ask('POST', `/chats/${chatId}/restore`);
    await socket.message('chat_restored');
    await ask('DELETE', `/chats/${chatId}?permanent=true`);
    await socket.message('chat_deleted', ({ permanent }) => permanent);
    expect(socket.typesOf(chatId)).toEqual([
      'chat_created',
      'chat_changed',
      'chat_deleted',
      'chat_restored',
      'chat_deleted',
    ]);
  });
});
