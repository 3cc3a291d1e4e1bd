import { once } from 'node:events';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { QuestlogError } from '../../src/errors.ts';
import type { Authenticate } from '../../src/http/auth/authenticate.ts';
import { type LiveRouterOptions, liveRouter } from '../../src/http/routes/live.ts';
import { createChat } from '../../src/index.ts';
import type { BusListener, OpenBus } from '../../src/live/bus.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { type SocketOptions, TestSocket } from '../support/live-socket.ts';
import { liveOn } from '../support/watching.ts';

const [{ open }] = DATABASES as [(typeof DATABASES)[0]];

/** A token says who and until when: `user~1764000000`; `unknown` cannot be checked. */
const byToken =
  (clock: ManualClock): Authenticate =>
  ({ headers }) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    if (token === 'unknown') throw new QuestlogError('auth_unavailable', 'try again later');
    const [userId, until] = token.split('~');
    if (!userId || Number(until) * 1_000 <= clock.now())
      throw new QuestlogError('unauthenticated', 'sign in');
    return { userId, ...(until === undefined ? {} : { expiresAt: Number(until) }) };
  };

async function serve(more: Partial<LiveRouterOptions> = {}) {
  const db = await open();
  const clock = new ManualClock();
  let hear: BusListener['message'] = () => undefined;
  const bus: OpenBus = async (listener) => {
    hear = listener.message;
    return { publish: async () => undefined, close: async () => undefined };
  };
  const live = await liveOn(db, { bus });
  const app = Fastify({ forceCloseConnections: true });
  await app.register(liveRouter, {
    prefix: '/chats/live',
    live,
    authenticate: byToken(clock),
    origins: ['https://page.example'],
    clock,
    ...more,
  });
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const user = newUser();
  const tokenFor = (seconds: number, of = user) => `${of}~${Math.floor(clock.now() / 1_000) + seconds}`;
  const connect = (options: SocketOptions = {}) => new TestSocket(url, { token: user, ...options });
  return { app, db, hear, clock, url, user, tokenFor, connect };
}

describe('a socket to /chats/live is refused', () => {
  test.each<[string, number, SocketOptions]>([
    ['without the subprotocol', 400, { protocols: ['token.somebody'] }],
    ['with a query that is none', 400, { since: 'x'.repeat(101) }],
    ['from a page of another origin', 403, { headers: { origin: 'https://evil.example' } }],
    ['from a page without an origin of its own', 403, { headers: { origin: 'null' } }],
    ['when the token cannot be checked', 503, { token: 'unknown' }],
  ])('%s: %d', async (_why, status, options) => {
    const { connect } = await serve();
    expect(await connect(options).closed).toEqual({ status });
  });

  test('after being accepted, with 4401, for a bad token, so that a page can tell', async () => {
    const { connect, tokenFor } = await serve();
    const without = connect({ protocols: ['questlog.v1'] });
    const expired = connect({ token: tokenFor(-1) });
    for (const socket of [without, expired]) {
      expect(await socket.closed).toMatchObject({ code: 4401 });
      expect(socket.messages).toEqual([]);
    }
  });

  test('when the user has too many, until one is closed', async () => {
    const { connect } = await serve({ maxSocketsPerUser: 2 });
    const first = await connect().ready();
    await connect().ready();
    expect(await connect().closed).toEqual({ status: 429 });
    await connect({ token: newUser() }).ready();
    first.socket.close();
    await first.closed;
    await connect().ready();
  });

  test('as a plain request, which is told so', async () => {
    const { app, user } = await serve();
    const ask = (headers: Record<string, string>) => app.inject({ url: '/chats/live', headers });
    expect((await ask({})).statusCode).toBe(401);
    const reply = await ask({ authorization: `Bearer ${user}` });
    expect(reply.statusCode).toBe(426);
    expect(reply.json()).toMatchObject({ code: 'upgrade_required' });
  });
});

describe('a socket to /chats/live', () => {
  test('is open to its own pages, to listed origins and to programs', async () => {
    const { connect, url, user } = await serve();
    await connect({ headers: { origin: url } }).ready();
    await connect({ headers: { origin: 'https://page.example' } }).ready();
    const headers = { authorization: `Bearer ${user}` };
    await connect({ protocols: ['questlog.v1'], headers }).ready();
  });

  test('never repeats its token', async () => {
    const { connect } = await serve();
    const { socket } = await connect().ready();
    expect(socket.protocol).toBe('questlog.v1');
  });

  test('closes when its token expires', async () => {
    const { connect, clock, tokenFor } = await serve({ heartbeatMs: 3_600_000 });
    const socket = connect({ token: tokenFor(600) });
    expect((await socket.message('ready')).expires_at).toBe(Math.floor(clock.now() / 1_000) + 600);
    clock.pass(590);
    socket.send({ type: 'token', token: tokenFor(600) });
    await socket.message('token_accepted');
    clock.pass(590);
    socket.send({ type: 'token', token: 'unknown' });
    await socket.message('token_unchecked');
    expect(socket.socket.readyState).toBe(socket.socket.OPEN);
    clock.pass(20);
    expect(await socket.closed).toMatchObject({ code: 4401 });
  });

  test.each<[string, number, unknown]>([
    ["another user's token", 4401, { type: 'token', token: 'somebody-else' }],
    ['an expired token', 4401, { type: 'token', token: 'user~1' }],
    ['no JSON', 1008, 'hello'],
    ['what is no message', 1008, { type: 'hello' }],
    ['more than a message may have', 1009, 'x'.repeat(20_000)],
  ])('that sends %s is closed with %d', async (_what, code, message) => {
    const { connect } = await serve();
    const socket = await connect().ready();
    socket.send(message);
    expect(await socket.closed).toMatchObject({ code });
  });

  test('that sends more than ten tokens a minute is closed with 1008', async () => {
    const { connect, clock, tokenFor } = await serve({ heartbeatMs: 3_600_000 });
    const socket = await connect({ token: tokenFor(6_000) }).ready();
    const accepted = () => socket.messages.filter(({ type }) => type === 'token_accepted').length;
    for (let sent = 1; sent <= 20; sent++) {
      if (sent === 11) clock.pass(60);
      socket.send({ type: 'token', token: tokenFor(6_000) });
      await expect.poll(accepted).toBe(sent);
    }
    socket.send({ type: 'token', token: tokenFor(6_000) });
    expect(await socket.closed).toMatchObject({ code: 1008 });
    expect(accepted()).toBe(20);
  });

  test('shows signs of life, and is dropped when the client shows none', async () => {
    const { connect, clock } = await serve({ heartbeatMs: 1_000 });
    const socket = await connect().ready();
    const pinged = once(socket.socket, 'ping');
    clock.pass(1);
    await socket.message('cursor');
    await pinged;
    const deaf = await connect().ready();
    deaf.socket.pause();
    clock.pass(1);
    clock.pass(1);
    deaf.socket.resume();
    expect(await deaf.closed).toMatchObject({ code: 1006 });
  });

  test('whose client does not read costs bounded memory, and is told to fetch everything', async () => {
    const { connect, db, hear, user } = await serve({ maxQueuedBytes: 1_000 });
    const socket = await connect().ready();
    socket.socket.pause();
    // More than the buffers of the system hold between the two.
    const events = 60_000;
    for (let event = 0; event < events; event += 1) {
      const run = { runId: 'r'.repeat(200), chatId: 'c', lastEvent: event };
      hear({ from: 'elsewhere', users: [], runs: [[user, run]] });
      if (event % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    socket.socket.resume();
    await socket.message('resync');
    expect(socket.messages.length).toBeLessThan(events);
    await createChat(db, user);
    await socket.message('chat_created');
  });

  test('is told when the server closes, which does not wait for it', async () => {
    const { connect, app } = await serve();
    const socket = await connect().ready();
    const deaf = await connect().ready();
    deaf.socket.pause();
    await app.close();
    expect(await socket.closed).toMatchObject({ code: 1001 });
  });
});
