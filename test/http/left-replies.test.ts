import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import type { Authenticate } from '../../src/http/auth/authenticate.ts';
import { BodyMemory } from '../../src/http/body/body-memory.ts';
import { OpenReplies } from '../../src/http/replies/open-replies.ts';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { byHeader } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';

/** An app where a user may have one reply open. */
async function stage(authenticate: Authenticate) {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const bodyMemory = new BodyMemory();
  const replies = new OpenReplies({ maxPerUser: 1 });
  const app = Fastify({ forceCloseConnections: true });
  await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate, bodyMemory, replies });
  app.get('/endless', (_request, reply) => reply.send(endless()));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const userId = newUser();
  const ask = async () => (await fetch(`${url}/chats`, { headers: { 'x-test-user': userId } })).status;
  const send = async (text: string) => {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  const held = () => bodyMemory.received.held + bodyMemory.parsed.held;
  return { app, userId, ask, send, held };
}

function endless(): Readable {
  const body = new Readable({ read: () => undefined });
  body.push('x');
  return body;
}

test('whoever leaves while it is found out who that is has no reply open', async () => {
  const [asked, answered] = [createGate(), createGate()];
  const { app, userId, ask, send } = await stage(async (request) => {
    asked.open();
    await answered.opened;
    return byHeader(request);
  });
  const closed = once(app.server, 'connection').then(([socket]) => once(socket, 'close'));
  const socket = await send(`GET /chats HTTP/1.1\r\nhost: x\r\nx-test-user: ${userId}\r\n\r\n`);
  await asked.opened;
  socket.destroy();
  await closed;
  answered.open();
  expect(await ask()).toBe(200);
});

test('a pipelined reply whose turn never comes is over with its connection', async () => {
  const { userId, ask, send, held } = await stage(byHeader);
  const body = '{"title":"Mine"}';
  const socket = await send(
    'GET /endless HTTP/1.1\r\nhost: x\r\n\r\n' +
      `POST /chats HTTP/1.1\r\nhost: x\r\nx-test-user: ${userId}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  await expect.poll(ask).toBe(429);
  await expect.poll(held).toBeGreaterThan(0);
  socket.destroy();
  await expect.poll(held).toBe(0);
  await expect.poll(ask).toBe(200);
});
