import { expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { Authenticate } from '../../src/http/auth/authenticate.ts';
import { asUser, byHeader, onEachDatabase, serverOn } from '../support/app.ts';
import { DATABASES, newUser, SERVER } from '../support/databases.ts';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

async function anyDatabase(): Promise<Database> {
  return SERVER.open();
}

test.each(DATABASES)(
  '/ready says whether the database is migrated and answers ($name)',
  async ({ openEmpty }) => {
    const db = await openEmpty();
    const app = await serverOn(db);
    const ready = async () => {
      const reply = await app.inject('/ready');
      return [reply.statusCode, reply.json().status, reply.json().code];
    };
    expect(await ready()).toEqual([503, 503, 'database_unavailable']);
    await migrate(db);
    expect(await ready()).toEqual([200, 'ok', undefined]);
    // During a deployment the next version has been here, and those at work go on.
    await db.exec(`insert into questlog_migrations (number, name) values (9999, '9999-later.sql')`);
    expect(await ready()).toEqual([200, 'ok', undefined]);
    if (db.kind === 'pglite') return;
    await db.close();
    expect(await ready()).toEqual([503, 503, 'database_closed']);
    const chats = await asUser(app, newUser())('GET', '/chats');
    expect([chats.statusCode, chats.json().code]).toEqual([503, 'database_closed']);
    expect((await app.inject('/health')).json()).toEqual({ status: 'ok' });
  },
);

test('a user beyond the limit is 429 and told when to come back; others are not', async () => {
  const app = await serverOn(await anyDatabase(), { env: { QUESTLOG_RATE_LIMIT: '3' } });
  const [one, two] = [asUser(app, newUser()), asUser(app, newUser())];
  for (const path of ['/chats', '/chats/unknown', '/chat/info']) await one('GET', path);
  for (const [method, path] of [
    ['GET', '/chats'],
    ['POST', '/chats'],
    ['POST', '/chat/run'],
    ['POST', '/chat/stream'],
  ] as const) {
    const reply = await one(method, path, method === 'POST' ? { input: 'x' } : undefined);
    expect([reply.statusCode, reply.json()], path).toEqual([
      429,
      {
        title: 'Too Many Requests',
        status: 429,
        code: 'rate_limited',
        detail: expect.stringContaining('wait'),
        retry_after: expect.any(Number),
      },
    ]);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  }
  expect((await two('GET', '/chats')).statusCode).toBe(200);
});

onEachDatabase('every reply has the headers that keep browsers out of trouble', async ({ app, ask }) => {
  const replies = await Promise.all([
    ask('GET', '/chats'),
    ask('POST', '/chat/stream', { input: 'hi', session_id: null }),
    ask('GET', '/chats?x=1'),
    ask('GET', '/nowhere'),
    app.inject('/chats'),
    app.inject('/health'),
    app.inject('/docs'),
  ]);
  expect(replies.map(({ statusCode }) => statusCode)).toEqual([200, 200, 400, 404, 401, 200, 200]);
  for (const { headers } of replies) {
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-request-id': expect.stringMatching(UUID7),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
  expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(replies.length);
  const own = await app.inject({ url: '/health', headers: { 'x-request-id': 'forged\n' } });
  expect(own.headers['x-request-id']).toMatch(UUID7);
});

const preflight = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'if-match' };

onEachDatabase('without configuration no other origin may call the server', async ({ app, ask }) => {
  const origin = { origin: 'https://evil.example' };
  const asked = await app.inject({ method: 'OPTIONS', url: '/chats', headers: { ...origin, ...preflight } });
  expect(asked.statusCode).toBe(404);
  for (const reply of [asked, await ask('GET', '/chats', undefined, origin)]) {
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

onEachDatabase(
  'a page of another origin cannot change anything, also where it needs no preflight',
  async ({ ask }) => {
    const { chat_id: id } = (await ask('POST', '/chats', {})).json();
    await ask('DELETE', `/chats/${id}`);
    const foreign = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign) {
      for (const url of [`/chats/${id}/restore`, '/runs/some-run/cancel', '/chats']) {
        const reply = await ask('POST', url, undefined, headers);
        expect([reply.statusCode, reply.json().code], `${url} ${JSON.stringify(headers)}`).toEqual([
          403,
          'origin_refused',
        ]);
      }
      expect((await ask('GET', '/chats', undefined, headers)).statusCode).toBe(200);
    }
    const own = { origin: 'https://app.example', 'sec-fetch-site': 'same-origin' };
    expect((await ask('POST', `/chats/${id}/restore`, undefined, own)).statusCode).toBe(200);
  },
);

test('configured origins may call the server, with what a client needs, and no others', async () => {
  const env = { QUESTLOG_CORS_ORIGINS: 'https://app.example, http://localhost:5173' };
  const app = await serverOn(await anyDatabase(), { env });
  const ask = asUser(app, newUser());
  for (const origin of ['https://app.example', 'http://localhost:5173']) {
    const asked = await app.inject({ method: 'OPTIONS', url: '/chats/x', headers: { origin, ...preflight } });
    expect([asked.statusCode, asked.headers['access-control-allow-origin']]).toEqual([204, origin]);
    expect(asked.headers['access-control-allow-methods']).toMatch(/PUT.*DELETE/);
    expect(asked.headers['access-control-allow-headers']).toMatch(/x-stack-access-token.*if-match/);
    const reply = await ask('POST', '/chat/stream', { input: 'hi', session_id: null }, { origin });
    expect(reply.headers['access-control-allow-origin']).toBe(origin);
    expect(reply.headers['access-control-expose-headers']).toMatch(/etag.*x-run-id/);
    expect(reply.headers.vary).toContain('Origin');
    // Tokens come in headers; no cookie must make a page somebody else's.
    expect(reply.headers).not.toHaveProperty('access-control-allow-credentials');
  }
  for (const origin of [
    'https://evil.example',
    'https://app.example.evil.example',
    'null',
    'http://app.example',
  ]) {
    const reply = await ask('GET', '/chats', undefined, { origin });
    expect(reply.headers['access-control-allow-origin'], origin).toBeUndefined();
  }
});

onEachDatabase('what is not there is a 404 problem, for every method', async ({ ask }) => {
  for (const [method, url] of [
    ['GET', '/nowhere'],
    ['PATCH', '/chats/x'],
    ['OPTIONS', '/chats'],
    ['POST', '/chat/info'],
    ['GET', '/chat/run'],
    ['DELETE', '/chats'],
    ['GET', '/chats/a/b/c'],
  ] as const) {
    const reply = await ask(method, url);
    expect([reply.statusCode, reply.json().code], `${method} ${url}`).toEqual([404, 'not_found']);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  }
});

/** What an embedder's function may do wrong; `never` because the types forbid it. */
const WRONG: readonly (() => never)[] = [
  () => undefined as never,
  () => ({}) as never,
  () => ({ userId: '' }) as never,
  () => ({ userId: 'a\0b' }) as never,
  () => Promise.resolve(null) as never,
  ...[
    undefined,
    null,
    'secret text',
    { statusCode: 200, secret: 'secret text' },
    new Error('secret text'),
  ].map((thrown) => () => {
    throw thrown;
  }),
];

test('a mistake in an authenticate function is a 500 without any of its words, and no user gets in', async () => {
  let wrong: Authenticate = byHeader;
  const app = await serverOn(await anyDatabase(), { authenticate: (request) => wrong(request) });
  for (const next of WRONG) {
    wrong = next;
    for (const url of ['/chats', '/chat/info']) {
      const reply = await app.inject({ url, headers: { 'x-test-user': newUser() } });
      expect([reply.statusCode, reply.json().code], String(next)).toEqual([500, 'internal']);
      expect(reply.body).not.toContain('secret');
      expect(Object.keys(reply.json()).sort()).toEqual(['code', 'detail', 'status', 'title']);
    }
  }
});
