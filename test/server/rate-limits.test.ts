import { expect, test } from 'vitest';
import { serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { TestSocket } from '../support/live-socket.ts';
import { liveUpgrade, sendRaw } from '../support/raw-request.ts';

const [{ open }] = DATABASES as [(typeof DATABASES)[0]];

/** A server that lets each user and each address do three things a minute. */
async function limitedServer(env: Record<string, string> = {}) {
  const app = await serverOn(await open(), { env: { QUESTLOG_RATE_LIMIT: '3', ...env } });
  const ask = async (url: string, from: { user?: string; address?: string; forwarded?: string } = {}) => {
    const { user, address = '192.0.2.1', forwarded } = from;
    const headers = {
      ...(user === undefined ? {} : { 'x-test-user': user }),
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }),
    };
    const reply = await app.inject({ url, remoteAddress: address, headers });
    if (reply.statusCode === 429) {
      expect(reply.json()).toMatchObject({ code: 'rate_limited', retry_after: expect.any(Number) });
      expect(reply.headers['retry-after']).toBe(String(reply.json().retry_after));
      expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    }
    return reply.statusCode;
  };
  const askTimes = async (times: number, url: string, from: Parameters<typeof ask>[1] = {}) => {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) statuses.push(await ask(url, from));
    return statuses;
  };
  return { app, ask, askTimes };
}

test('probes are always answered, whatever a stranger asks from the same address', async () => {
  const { askTimes } = await limitedServer();
  for (const url of ['/openapi.json', '/nowhere', '/chats']) await askTimes(5, url);
  for (const url of ['/health', '/ready']) {
    expect(new Set(await askTimes(20, url)), url).toEqual(new Set([200]));
  }
});

test.each([
  ['failed sign-ins', '/chats', 401],
  ['unknown addresses', '/nowhere', 404],
  ['pages without a user', '/openapi.json', 200],
])('%s are limited by address, and nobody else is refused for them', async (_what, url, status) => {
  const { ask, askTimes } = await limitedServer();
  expect(await askTimes(5, url)).toEqual([status, status, status, 429, 429]);
  expect(await ask(url, { address: '192.0.2.2' })).toBe(status);
  expect(await ask('/chats', { user: newUser() })).toBe(200);
  const others = Object.entries({ '/chats': 401, '/nowhere': 404, '/openapi.json': 200 });
  for (const [other, expected] of others.filter(([path]) => path !== url)) {
    expect(await ask(other), other).toBe(expected);
  }
});

test('a user is limited alone, wherever they ask from', async () => {
  const { ask } = await limitedServer();
  const user = newUser();
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await ask('/chats', { user, address });
  expect(await ask('/chats', { user, address: '192.0.2.4' })).toBe(429);
  expect(await ask('/chats', { user: newUser(), address: '192.0.2.4' })).toBe(200);
  // With the right to be here, but beyond the limit: no failed sign-in.
  expect(await ask('/chats', { address: '192.0.2.4' })).toBe(401);
});

test.each([
  ['nobody, as by default', '0', (n: number) => `198.51.100.${n}`],
  ['one proxy', '1', (n: number) => `198.51.100.${n}, 203.0.113.1`],
  ['two proxies', '2', (n: number) => `198.51.100.${n}, 203.0.113.1, 203.0.113.2`],
])('invented addresses get no limits of their own behind %s', async (_whom, hops, forwardedOf) => {
  const { ask } = await limitedServer({ QUESTLOG_TRUST_PROXY: hops });
  const statuses: number[] = [];
  for (let n = 1; n <= 5; n++) statuses.push(await ask('/nowhere', { forwarded: forwardedOf(n) }));
  expect(statuses).toEqual([404, 404, 404, 429, 429]);
});

test('behind a proxy each of its clients has a limit, and what it says otherwise is no address', async () => {
  const { ask, askTimes } = await limitedServer({ QUESTLOG_TRUST_PROXY: '1' });
  expect(await askTimes(4, '/nowhere', { forwarded: '198.51.100.1' })).toEqual([404, 404, 404, 429]);
  const odd = [
    '198.51.100.2',
    '2001:db8::1',
    'fe80::1%eth0',
    'unknown',
    '"[2001:db8::1]:4711"',
    '',
    ',',
    'x',
  ];
  for (const forwarded of odd) expect(await ask('/nowhere', { forwarded }), forwarded).toBe(404);
});

test('of IPv6 a network has one limit, and an IPv4 address one in both forms', async () => {
  const { ask } = await limitedServer();
  const statuses: number[] = [];
  for (const end of ['::1', '::2', ':ffff::1', ':1:2:3:4']) {
    statuses.push(await ask('/nowhere', { address: `2001:db8:1:1${end}` }));
  }
  expect(statuses).toEqual([404, 404, 404, 429]);
  expect(await ask('/nowhere', { address: '2001:db8:1:2::1' })).toBe(404);
  for (const address of ['::ffff:192.0.2.9', '192.0.2.9', '::ffff:c000:209'])
    await ask('/nowhere', { address });
  expect(await ask('/nowhere', { address: '192.0.2.9' })).toBe(429);
});

test('upgrades of a live socket count like requests, with and without a user', async () => {
  const { app } = await limitedServer();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  for (const options of [{}, { user: newUser() }]) {
    const sockets = Array.from({ length: 4 }, () => new TestSocket(url, options));
    const closed = await Promise.race([
      Promise.all(sockets.map((socket) => socket.closed)),
      sockets[3]?.closed.then((last) => [last]),
    ]);
    expect(closed?.at(-1), JSON.stringify(options)).toEqual({ status: 429 });
    const user = options.user === undefined ? [] : [`X-Test-User: ${options.user}`];
    // Resolves when the connection is closed.
    expect(await sendRaw(url, liveUpgrade(...user))).toMatchObject({ status: 429 });
  }
});
