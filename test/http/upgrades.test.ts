import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { TestSocket } from '../support/live-socket.ts';

const [{ open }] = DATABASES as [(typeof DATABASES)[0]];

/** What Java's client sends with its first request. */
const HTTP_2 = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'];

interface Talk {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly user: string;
  send(first: string, headers?: readonly string[], body?: string): void;
  /** Once what was sent before is on its way. */
  more(text: string): void;
  /** The statuses of everything that has come, once there are so many. */
  statuses(count: number): Promise<readonly string[]>;
  received(): string;
}

/** One connection to a server, spoken by hand. */
async function talk(): Promise<Talk> {
  const app = await serverOn(await open());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const user = newUser();
  const socket: Socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  const found = () => received.match(/(?<=HTTP\/1\.1 )\d+/g) ?? [];
  return {
    app,
    url,
    user,
    send: (first, headers = [], body = '') => {
      const all = ['host: localhost', `x-test-user: ${user}`, ...headers];
      socket.write(`${first} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`);
    },
    more: (text) => void setImmediate(() => socket.write(text)),
    statuses: async (count) => {
      while (found().length < count) await once(socket, 'data');
      return found();
    },
    received: () => received,
  };
}

test('a request that offers HTTP/2 is answered, and so is the next one on its connection', async () => {
  const { send, statuses } = await talk();
  for (let asked = 1; asked <= 20; asked += 1) {
    send(asked % 2 === 0 ? 'GET /health' : 'GET /chats', asked % 3 === 0 ? [] : HTTP_2);
    expect((await statuses(asked)).at(-1)).toBe('200');
  }
});

test('a request that offers HTTP/2 may have a body, in pieces, and others behind it', async () => {
  const { send, more, statuses, received } = await talk();
  const body = JSON.stringify({ title: 'x'.repeat(400) });
  const headers = [...HTTP_2, 'content-type: application/json', `content-length: ${body.length}`];
  send('POST /chats', headers, body.slice(0, 100));
  more(`${body.slice(100)}GET /ready HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  expect(await statuses(2)).toEqual(['201', '200']);
  expect(received()).toContain('x'.repeat(400));
});

test.each(['/chats', '/chats/live/x', '/nowhere', '/chats/livex'])(
  'a WebSocket to %s is the request that it would be without, and its connection goes on',
  async (path) => {
    const { app, user, send, statuses } = await talk();
    const plain = await app.inject({ url: path, headers: { 'x-test-user': user } });
    send(`GET ${path}`, ['connection: upgrade', 'upgrade: websocket']);
    expect(await statuses(1)).toEqual([String(plain.statusCode)]);
    send('GET /health');
    expect((await statuses(2)).at(-1)).toBe('200');
  },
);

test('what an app upgrades itself is left to the app', async () => {
  const { app, url, user, send, statuses, received } = await talk();
  app.server.on('upgrade', (request, socket) => {
    if (request.url === '/own') socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nhello');
  });
  send('GET /own', ['connection: upgrade', 'upgrade: own']);
  expect(await statuses(1)).toEqual(['101']);
  expect(received()).toMatch(/\r\n\r\nhello$/);
  await new TestSocket(url, { user }).ready();
});
