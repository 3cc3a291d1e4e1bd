import { once } from 'node:events';
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@openai/agents-core';
import Fastify, { type FastifyServerOptions } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OpenReplies, type OpenRepliesOptions } from '../../src/http/replies/open-replies.ts';
import { createAgentRouter } from '../../src/http/routes/chat.ts';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { runsRouter } from '../../src/http/routes/runs.ts';
import { createChat } from '../../src/store/chats/create-chat.ts';
import { asUser, byHeader } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { floodModel } from '../support/flood.ts';
import { createGate } from '../support/gate.ts';
import { runsOn } from '../support/runs.ts';
import { openStream, readAll } from '../support/slow-reader.ts';

const STALL_MS = 250;
/** More than any buffer of a socket takes. */
const MEGABYTES = 20;
const TIMEOUT = 60_000;

/** An embedder's app with all routers, which share the bounds, and a route of its own. */
async function stage(limits: OpenRepliesOptions, options: FastifyServerOptions = {}) {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const userId = newUser();
  const gate = createGate();
  const runs = runsOn(db);
  const agent = new Agent({ name: 'A', model: floodModel(1, 100, gate.opened) });
  const app = Fastify({ forceCloseConnections: true, pluginTimeout: 0, ...options });
  const common = { db, authenticate: byHeader, replies: new OpenReplies(limits) };
  await app.register(chatStorageRouter, { prefix: '/chats', ...common });
  await app.register(runsRouter, { prefix: '/runs', runs, ...common });
  await app.register(createAgentRouter({ agent, runs, ...common }));
  app.get('/own', async ({ raw }) => ({ timeout: raw.socket.timeout ?? 0 }));
  app.get('/own/large', async () => 'z'.repeat(MEGABYTES * 1_000_000));
  onTestFinished(() => app.close());
  const sockets: Socket[] = [];
  app.server.on('connection', (socket) => sockets.push(socket));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const conversation = Array.from({ length: MEGABYTES }, () => ({ x: 'y'.repeat(999_000) }));
  const { chatId } = await createChat(db, userId, { conversation });
  const headers = { 'x-test-user': userId };
  const follow = () =>
    openStream(`${url}/chat/stream`, { method: 'POST', body: { input: 'go', session_id: null }, headers });
  return {
    app,
    url,
    gate,
    userId,
    headers,
    chatId,
    sockets,
    follow,
    open: (path: string) => openStream(url + path, { headers }),
  };
}

/** Sends requests on one connection, and reads nothing. */
async function askDeafly(url: string, userId: string, paths: readonly string[]): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  socket.write(
    paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-test-user: ${userId}\r\n\r\n`).join(''),
  );
}

describe('a reply of which nobody takes anything', () => {
  test('is cut, a pipelined one too; those that wait for their model are not, and nor is what others serve', {
    timeout: TIMEOUT,
  }, async () => {
    const { url, gate, userId, chatId, sockets, follow, open } = await stage({ stallMs: STALL_MS });
    const waiting = await follow();
    await open('/own/large');
    for (const paths of [[`/chats/${chatId}`], ['/chats', `/chats/${chatId}`]]) {
      const nth = sockets.length;
      await askDeafly(url, userId, paths);
      await expect.poll(() => sockets[nth]?.destroyed, { timeout: 30_000 }).toBe(true);
    }
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, true, true]);
    gate.open();
    expect(await readAll(waiting)).toMatch(/event: stream_complete\n/);
  });

  test('is whole for a client that is slower than that, but takes some of it', {
    timeout: TIMEOUT,
  }, async () => {
    const { open, chatId } = await stage({ stallMs: 1_000 });
    const reply = await open(`/chats/${chatId}`);
    const began = performance.now();
    let text = '';
    for await (const chunk of reply.setEncoding('latin1')) {
      text += chunk;
      await sleep(10);
    }
    expect(performance.now() - began).toBeGreaterThan(1_000);
    expect(JSON.parse(text).conversation).toHaveLength(MEGABYTES);
  });

  test.each([0, 5_000])(
    'leaves the connection as it was: idle ones are closed after %i ms',
    async (keepAliveTimeout) => {
      const { url, sockets, headers } = await stage({ stallMs: STALL_MS }, { keepAliveTimeout });
      const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const ask = async (path: string) => {
        const [reply] = (await once(httpGet(url + path, { agent, headers }), 'response')) as [
          IncomingMessage,
        ];
        return JSON.parse(await readAll(reply));
      };
      const before = await ask('/own');
      const idle = sockets[0]?.timeout ?? 0;
      await ask('/chats');
      await expect.poll(() => sockets[0]?.timeout ?? 0).toBe(idle);
      expect(await ask('/own')).toEqual(before);
      expect(sockets).toHaveLength(1);
    },
  );
});

describe('the replies of a user that are open at once', () => {
  test('are bounded over all routers; the next is refused alone, until one is over', {
    timeout: TIMEOUT,
  }, async () => {
    const { app, gate, userId, follow, open, chatId } = await stage({ maxPerUser: 3 });
    const [ask, other] = [asUser(app, userId), asUser(app, newUser())];
    const begun = await follow();
    const streams = [begun, await open(`/runs/${begun.headers['x-run-id']}/events`)];
    const unread = await open(`/chats/${chatId}`);
    for (const path of ['/chats', '/runs/none', '/chat/info']) {
      const refused = await ask('GET', path);
      expect([refused.statusCode, refused.json()]).toMatchObject([
        429,
        { code: 'rate_limited', retry_after: 5 },
      ]);
      expect(refused.headers['retry-after']).toBe('5');
      expect((await other('GET', path)).statusCode).not.toBe(429);
    }
    unread.destroy();
    await expect.poll(async () => (await ask('GET', '/chats')).statusCode).toBe(200);
    gate.open();
    for (const stream of streams) expect(await readAll(stream)).toMatch(/event: stream_complete\n/);
    await expect
      .poll(async () =>
        (await Promise.all([1, 2, 3].map(() => ask('GET', '/chats')))).map(({ statusCode }) => statusCode),
      )
      .toEqual([200, 200, 200]);
  });
});
