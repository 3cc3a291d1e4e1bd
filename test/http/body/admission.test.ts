import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import Fastify, { type FastifyReply } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { BodyMemory } from '../../../src/http/body/body-memory.ts';
import { chatStorageRouter } from '../../../src/http/routes/chats/chats.ts';
import { asUser, byHeader } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { createGate } from '../../support/gate.ts';

const BODY_LIMIT = 100_000;

interface Options {
  readonly bytes?: number;
  readonly waitMs?: number;
  readonly requestTimeout?: number;
  /** Has the parsed body, and keeps it as long as it likes. */
  readonly beforeHandler?: (reply: FastifyReply) => Promise<void>;
}

/** An embedder's app that listens, with so much memory for bodies. */
async function stage({ bytes = 10_000_000, waitMs, requestTimeout = 0, beforeHandler }: Options = {}) {
  const [pglite] = DATABASES;
  const db = await (pglite as (typeof DATABASES)[0]).open();
  const bodyMemory = new BodyMemory({ bytes, waitMs });
  const http = { connectionsCheckingInterval: 20, headersTimeout: 100 };
  const app = Fastify({ forceCloseConnections: true, requestTimeout, http });
  app.addHook('preHandler', async (_request, reply) => beforeHandler?.(reply));
  const options = { db, authenticate: byHeader, bodyLimit: BODY_LIMIT, bodyMemory };
  await app.register(chatStorageRouter, { prefix: '/chats', ...options });
  await app.register(chatStorageRouter, { prefix: '/more', ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return {
    app,
    held: () => [bodyMemory.received, bodyMemory.parsed].map(({ held, waiting }) => held + waiting),
    /** Sends these bytes and no more on a connection of its own. */
    send: (user: string, headers: string, body = '', path = '/chats'): Socket => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\nx-test-user: ${user}\r\ncontent-type: application/json\r\n` +
          `connection: close\r\n${headers}\r\n\r\n${body}`,
      );
      return socket;
    },
  };
}

test('a slow upload holds what it announced, of its own user’s share, and gives it back when it is cut', async () => {
  const { app, held, send } = await stage({ bytes: 480_000, waitMs: 50 });
  const [eve, ann] = [newUser(), newUser()];
  const slow = send(eve, 'content-length: 80000', '{');
  await expect.poll(held).toEqual([80_000, 0]);
  // In any router of the app, and also where the length is not said.
  const refused = [
    send(eve, 'content-length: 2000', '{', '/more'),
    send(eve, 'transfer-encoding: chunked', '1\r\n{\r\n'),
  ];
  for (const socket of refused) {
    const reply = await text(socket);
    expect(reply).toMatch(/^HTTP\/1.1 429 /);
    expect(reply).toMatch(/retry-after: \d+\r\n.*"code":"rate_limited"/s);
  }
  for (const path of ['/chats', '/more']) {
    expect((await asUser(app, ann)('POST', path, { title: 'Mine' })).statusCode).toBe(201);
  }
  expect((await asUser(app, eve)('GET', '/chats')).statusCode).toBe(200);
  slow.destroy();
  await expect.poll(held).toEqual([0, 0]);
  expect((await asUser(app, eve)('POST', '/chats', {})).statusCode).toBe(201);
});

test('where others hold all, a request waits, then is 503 and told when to come back', async () => {
  const { held, send } = await stage({ bytes: 480_000, waitMs: 50 });
  const slow = [send(newUser(), 'content-length: 70000'), send(newUser(), 'content-length: 40000')];
  await expect.poll(held).toEqual([110_000, 0]);
  const reply = await text(send(newUser(), 'content-length: 30000'));
  expect(reply).toMatch(/^HTTP\/1.1 503 /);
  expect(reply).toMatch(/retry-after: \d+\r\n.*"code":"overloaded"/s);
  for (const socket of slow) socket.destroy();
  await expect.poll(held).toEqual([0, 0]);
});

test('a request that waits is served when there is room, its body unread until then', async () => {
  const { held, send } = await stage({ bytes: 480_000 });
  const eve = newUser();
  const slow = send(eve, 'content-length: 80000', '{');
  await expect.poll(held).toEqual([80_000, 0]);
  const next = send(eve, 'content-length: 80000', `{"title":"Mine"}${' '.repeat(79_984)}`);
  await expect.poll(held).toEqual([80_001, 0]);
  slow.destroy();
  expect(await text(next)).toMatch(/^HTTP\/1.1 201 /);
  await expect.poll(held).toEqual([0, 0]);
});

test('whatever becomes of a request, nothing is left taken', async () => {
  const { app, held, send } = await stage();
  const user = newUser();
  const large = 'x'.repeat(BODY_LIMIT + 1);
  const endings: [headers: string, body: string, status: RegExp][] = [
    ['content-length: 2', '{}', /^HTTP\/1.1 201 /],
    ['content-length: 2', '{]', /^HTTP\/1.1 400 /],
    ['content-length: 12', '{"title":12}', /^HTTP\/1.1 400 /],
    [`content-length: ${BODY_LIMIT + 1}`, large, /^HTTP\/1.1 413 /],
    ['transfer-encoding: chunked', `${(BODY_LIMIT + 1).toString(16)}\r\n${large}`, /^HTTP\/1.1 413 /],
    ['transfer-encoding: chunked', 'no length\r\n', /^HTTP\/1.1 400 /],
  ];
  for (const [headers, body, status] of endings) {
    expect(await text(send(user, headers, body)), body.slice(0, 40)).toMatch(status);
  }
  const wrong = await asUser(app, user)('POST', '/chats', 'x', { 'content-type': 'text/plain' });
  expect(wrong.statusCode).toBe(415);
  const gone = [send(user, 'content-length: 500', '{'), send(user, 'content-length: 500', '{')];
  await expect.poll(held).toEqual([1_000, 0]);
  for (const socket of gone) socket.destroy();
  await expect.poll(held).toEqual([0, 0]);
});

test('a client that leaves once its body is sent frees nothing that is still worked on', async () => {
  const gate = createGate();
  const left = createGate();
  const { held, send } = await stage({
    beforeHandler: async (reply) => {
      reply.raw.once('close', left.open);
      await gate.opened;
    },
  });
  const socket = send(newUser(), 'content-length: 200', `{}${' '.repeat(198)}`);
  await expect.poll(held).toEqual([0, 1_700]);
  socket.destroy();
  await left.opened;
  expect(held()).toEqual([0, 1_700]);
  gate.open();
  await expect.poll(held).toEqual([0, 0]);
});

test('a body that never ends is ended by the time limit of the server', async () => {
  const { held, send } = await stage({ requestTimeout: 200 });
  const slow = [
    send(newUser(), 'content-length: 500', '{'),
    send(newUser(), 'transfer-encoding: chunked', '1\r\n{\r\n'),
  ];
  for (const reply of await Promise.all(slow.map((socket) => text(socket)))) {
    expect(reply).toMatch(/^HTTP\/1.1 408 /);
  }
  await expect.poll(held).toEqual([0, 0]);
});

test('a body is taken that comes byte by byte, whatever stands in its strings', async () => {
  const { send } = await stage();
  const socket = send(newUser(), 'transfer-encoding: chunked');
  const body = JSON.stringify({
    title: 'Byte by byte',
    conversation: [{ role: 'user', content: '[{,'.repeat(5_000) }],
  });
  const chunks = [...body].map((character) => `1\r\n${character}\r\n`);
  socket.write(`${chunks.join('')}0\r\n\r\n`);
  const reply = await text(socket);
  expect(reply).toMatch(/^HTTP\/1.1 201 /);
  expect(reply).toContain('Byte by byte');
});
