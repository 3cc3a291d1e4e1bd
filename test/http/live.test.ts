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

  test('tells of a run that streams, waits for approval and ends', async () => {
    const { ask, connect } = await serve();
    const socket = await connect().ready();
    const first = (await ask('POST', '/chat/run', { input: 'Save a note: the door is trapped' })).json();
    const { run_id: runId, session_id: chatId } = first;
    await socket.message('run_ended', (signal) => signal.run_id === runId);
    const noteId = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(JSON.stringify(first))?.[0];
    const asked = await ask('POST', '/chat/run', { input: `Delete the note ${noteId}`, session_id: chatId });
    const paused = asked.json();
    const waiting = await socket.message('run_awaiting_approval');
    expect(waiting).toMatchObject({ chat_id: chatId, run_id: paused.run_id });
    const decisions = paused.pending.map((call: { call_id: string }) => ({
      call_id: call.call_id,
      approve: true,
    }));
    await ask('POST', `/runs/${paused.run_id}/approvals`, { decisions });
    const ended = await socket.message('run_ended', (signal) => signal.run_id === paused.run_id);
    expect(ended.last_event).toBeGreaterThan(waiting.last_event);
    expect(ended.status).toBe('completed');
    // Nothing of what was said: ids, numbers and states.
    expect(JSON.stringify(socket.messages)).not.toContain('door');
  });

  test('tells other clients how far a run is while it goes on', async () => {
    const { ask, connect } = await serve();
    const socket = await connect().ready();
    const { chat_id: chatId } = (await ask('POST', '/chats', {})).json();
    const input = 'Tell me a long story about '.repeat(20);
    const reply = await ask('POST', '/chat/stream', { input, session_id: chatId });
    const ended = await socket.message('run_ended');
    expect(reply.body).toContain(`id: ${ended.last_event}\n`);
    const types = socket.typesOf(chatId);
    expect(types.indexOf('run_started')).toBeLessThan(types.indexOf('run_ended'));
    expect(types.slice(types.indexOf('run_ended'))).not.toContain('run_progressed');
  });

  test('keeps tokens and what was said out of the log', async () => {
    const lines: string[] = [];
    const app = await serverOn(await open(), {
      onLog: (line) => lines.push(line),
      authenticate: ({ headers }) => ({ userId: `of-${String(headers.authorization).length}` }),
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = await new TestSocket(url, { token: 'very-secret-token' }).ready();
    socket.send({ type: 'token', token: 'very-secret-tokem' });
    await socket.message('token_accepted');
    socket.socket.close();
    await expect.poll(() => lines.join('')).toContain('live socket closed');
    expect(lines.join('')).not.toContain('very-secret');
  });
});
