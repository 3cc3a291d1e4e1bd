import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type LiveOptions, type LiveSubscription, subscribe } from '../../src/client/live.ts';
import type { ServerMessage, Signal } from '../../src/wire/live.ts';

/** What a server got when a client connected, and how to talk to the client. */
interface Visit {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly socket: WebSocket;
  say(message: ServerMessage): void;
}

/** A server that says what the test wants. */
async function startServer() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'questlog.v1' });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, 'listening');
  const visits: Visit[] = [];
  const waiting: ((visit: Visit) => void)[] = [];
  server.on('connection', (socket, request) => {
    const visit: Visit = {
      url: request.url ?? '',
      protocols: (request.headers['sec-websocket-protocol'] ?? '').split(','),
      socket,
      say: (message) => socket.send(JSON.stringify(message)),
    };
    const wake = waiting.shift();
    if (wake === undefined) visits.push(visit);
    else wake(visit);
  });
  const visit = () => {
    const first = visits.shift();
    return first === undefined
      ? new Promise<Visit>((resolve) => waiting.push(resolve))
      : Promise.resolve(first);
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, visit, visits };
}

function follow(url: string, more: Partial<LiveOptions> = {}) {
  const states: string[] = [];
  const waiting = new Map<string, () => void>();
  const live: LiveSubscription = subscribe({
    url,
    WebSocket,
    retryMs: { least: 5, most: 20 },
    onState: (state) => {
      states.push(state);
      waiting.get(state)?.();
    },
    ...more,
  });
  onTestFinished(() => live.close());
  const state = async (wanted: string) => {
    if (live.state === wanted) return;
    await new Promise<void>((resolve) => waiting.set(wanted, resolve));
  };
  return { live, states, state };
}

const changed = (version: string): Signal => ({ type: 'chat_changed', chat_id: 'c', version });
const ready = (cursor: string, expires_at: number | null = null) =>
  ({ type: 'ready', cursor, expires_at }) as const;

describe('subscribe', () => {
  test('sends its token as a subprotocol, never in the URL', async () => {
    const server = await startServer();
    follow(server.url, { getToken: async () => 'a.b.c' });
    const visit = await server.visit();
    expect(visit.protocols).toEqual(['questlog.v1', 'token.a.b.c']);
    expect(visit.url).toBe('/chats/live');
  });

  test('gives every signal to the callback and to each iterator', async () => {
    const server = await startServer();
    const got: Signal[] = [];
    const { live } = follow(server.url, { onSignal: (signal) => got.push(signal) });
    const readers = [live[Symbol.asyncIterator](), live[Symbol.asyncIterator]()];
    const visit = await server.visit();
    for (const version of ['1', '2', '3']) visit.say(changed(version));
    for (const reader of readers) {
      for (const version of ['1', '2', '3']) expect((await reader.next()).value).toEqual(changed(version));
    }
    expect(got.map((signal) => Reflect.get(signal, 'version'))).toEqual(['1', '2', '3']);
    live.close();
    for (const reader of readers) expect((await reader.next()).done).toBe(true);
  });

  test('connects again when it is cut off, and says from where', async () => {
    const server = await startServer();
    const { live, state } = follow(server.url);
    const first = await server.visit();
    first.say(ready('100'));
    await state('live');
    first.say({ type: 'cursor', cursor: '200' });
    first.say(changed('7'));
    await live[Symbol.asyncIterator]().next();
    first.socket.terminate();
    await state('connecting');
    const second = await server.visit();
    expect(second.url).toBe('/chats/live?since=200');
    second.say(ready('300'));
    await state('live');
    expect(live.cursor).toBe('300');
  });

  test('keeps trying while there is no server, and gives up a silent one', async () => {
    const server = await startServer();
    let url = 'http://127.0.0.1:1';
    let attempts = 0;
    const { state } = follow('', {
      url: () => {
        attempts += 1;
        if (attempts > 3) url = server.url;
        return url;
      },
      silenceMs: 200,
    });
    const silent = await server.visit();
    silent.say(ready('1'));
    await state('live');
    const next = await server.visit();
    expect(next.url).toBe('/chats/live?since=1');
  });

  test('stops when the token is not accepted, until it is told to try again', async () => {
    const server = await startServer();
    let token = 'old';
    const { live, state, states } = follow(server.url, { getToken: () => token });
    (await server.visit()).socket.close(4401);
    await state('signed_out');
    token = 'new';
    live.reconnect();
    const visit = await server.visit();
    expect(visit.protocols).toContain('token.new');
    visit.say(ready('1'));
    await state('live');
    expect(states).toEqual(['signed_out', 'connecting', 'live']);
    expect(server.visits).toEqual([]);
  });

  test('sends a fresh token before the old one ends', async () => {
    const server = await startServer();
    let count = 0;
    follow(server.url, {
      getToken: () => {
        count += 1;
        return `token-${count}`;
      },
    });
    const visit = await server.visit();
    const sent = once(visit.socket, 'message');
    visit.say(ready('1', Math.floor(Date.now() / 1_000) + 1));
    const [data] = await sent;
    expect(JSON.parse(String(data))).toEqual({ type: 'token', token: 'token-2' });
    const again = once(visit.socket, 'message');
    visit.say({ type: 'token_accepted', expires_at: Math.floor(Date.now() / 1_000) + 1 });
    expect(JSON.parse(String((await again)[0]))).toEqual({ type: 'token', token: 'token-3' });
  });

  test('tells an iterator that lags behind to fetch everything', async () => {
    const server = await startServer();
    let told = 0;
    const { live, state } = follow(server.url, { onSignal: () => (told += 1) });
    const reader = live[Symbol.asyncIterator]();
    const visit = await server.visit();
    for (let version = 1; version <= 1_500; version += 1) visit.say(changed(String(version)));
    visit.say(ready('1'));
    await state('live');
    expect(told).toBe(1_500);
    expect((await reader.next()).value).toMatchObject({ type: 'resync' });
    expect((await reader.next()).value).toEqual(changed('1001'));
  });

  test('asks nothing of the network after it was closed', async () => {
    const server = await startServer();
    const { live, state } = follow(server.url);
    (await server.visit()).say(ready('1'));
    await state('live');
    live.close();
    live.reconnect();
    expect(live.state).toBe('closed');
    const other = follow(server.url);
    await server.visit();
    expect(server.visits).toEqual([]);
    other.live.close();
  });

  test('says at once when there is no WebSocket to use', () => {
    const before = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      expect(() => subscribe({ url: 'http://localhost' })).toThrow('pass one');
    } finally {
      if (before !== undefined) globalThis.WebSocket = before;
    }
  });
});
