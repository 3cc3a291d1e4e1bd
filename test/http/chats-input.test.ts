import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Ask, asUser, onEachDatabase, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';

type Refused = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body: unknown,
  fields: string[],
];

/** `:id` stands for a chat that exists. */
const REFUSED: readonly Refused[] = [
  ['POST', '/chats', { a: 1, title: 5, conversation: 'x' }, ['a', 'title', 'conversation']],
  [
    'POST',
    '/chats',
    { conversation: [{}, 1, {}, 'x', null, []] },
    [1, 3, 4, 5].map((n) => `conversation[${n}]`),
  ],
  ['POST', '/chats', { title: 'x'.repeat(501) }, ['title']],
  ['POST', '/chats', '{"__proto__":{"title":"x"},"constructor":{}}', ['__proto__', 'constructor']],
  ['POST', '/chats', { user_id: 'me', chat_id: 'mine' }, ['user_id', 'chat_id']],
  ['POST', '/chats', '[]', ['body']],
  ['POST', '/chats', 'null', ['body']],
  ['POST', '/chats', '"text"', ['body']],
  ['POST', '/chats', '', ['body']],
  ['POST', '/chats', '{', ['body']],
  ['POST', '/chats', '{"title":"a"}{"title":"b"}', ['body']],
  ['POST', '/chats', "{'title':'a'}", ['body']],
  ['POST', '/chats', Buffer.from([0x7b, 0x22, 0x61, 0xff, 0x22, 0x3a, 0x31, 0x7d]), ['body']],
  ['PUT', '/chats/:id', { titel: 'x', conversation: {} }, ['titel', 'conversation']],
  ['PUT', '/chats/:id', undefined, ['body']],
  ['PUT', '/chats/:id', { is_active: false }, ['is_active']],
  ['GET', '/chats?limit=0&skip=-1&foo=1&active_only=yes', undefined, ['limit', 'skip', 'foo', 'active_only']],
  ['GET', '/chats?include=everything', undefined, ['include']],
  ['GET', '/chats?__proto__=1&constructor=2', undefined, ['__proto__', 'constructor']],
  ['GET', '/chats/:id?permanent=true', undefined, ['permanent']],
  ['DELETE', '/chats/:id?permanent=1&active_only=true', undefined, ['permanent', 'active_only']],
  ['GET', '/chats/:id/items?limit=1001&before=-1&after=x', undefined, ['limit', 'before', 'after']],
  [
    'GET',
    `/chats/:id/items?before=${'9'.repeat(20)}&after=${2n ** 63n - 1n}`,
    undefined,
    ['before', 'after'],
  ],
  ['DELETE', `/chats/:id/items?from=${2n ** 53n}&to=${'9'.repeat(20)}`, undefined, ['from', 'to']],
  ...['101', '1.5', '1e1', '0x10', ' 1', '+1', '', 'true', 'null', '1&limit=2', '9'.repeat(400)].map(
    (limit): Refused => ['GET', `/chats?limit=${limit}`, undefined, ['limit']],
  ),
  ...['', 'abc', 'e30', 'W10', 'WzEsMl0', '%00', '%F0%9F%8E%B2', toCursor('1', 'a', 'b')].map(
    (cursor): Refused => ['GET', `/chats?cursor=${cursor}`, undefined, ['cursor']],
  ),
  ...[toCursor('-1', 'a'), toCursor('9'.repeat(18), 'a'), toCursor('1', ''), toCursor('1', 'a\0')].map(
    (cursor): Refused => ['GET', `/chats?cursor=${cursor}`, undefined, ['cursor']],
  ),
];

function toCursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

onEachDatabase('what is wrong with a request is 400, with every field that is wrong', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', { title: 'untouched' })).json();
  const untouched = (await ask('GET', `/chats/${id}`)).body;
  for (const [method, url, body, fields] of REFUSED) {
    const reply = await ask(method, url.replace(':id', id), body);
    const label = `${method} ${url} ${String(body).slice(0, 80)} → ${reply.body.slice(0, 300)}`;
    expect(reply.statusCode, label).toBe(400);
    expect(reply.headers['content-type'], label).toBe('application/problem+json; charset=utf-8');
    expect(reply.json(), label).toStrictEqual({
      title: 'Bad Request',
      status: 400,
      code: 'invalid_request',
      detail: expect.any(String),
      errors: expect.any(Array),
    });
    const errors: { field: string; message: string }[] = reply.json().errors;
    expect(errors.map(({ field }) => field).sort(), label).toEqual([...fields].sort());
    for (const { message } of errors) expect(message, label).toMatch(/\w/);
  }
  expect((await ask('GET', `/chats/${id}`)).body).toBe(untouched);
  expect((await ask('GET', '/chats')).json().total).toBe(1);
});

const BAD_IDS = ['%00', 'a%00b', 'x'.repeat(256), '%C3%A9'.repeat(200)];
const UNREADABLE = ['%', '%zz', '%ED%A0%80', '%C3', 'x'.repeat(1_001)];
const UNKNOWN = [
  'unknown',
  '..%2f',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '%27%20OR%201=1--',
  "'; drop table chats; --",
  '%F0%9F%8E%B2',
  '%25',
  '%2F',
  'x'.repeat(255),
  '%C3%A9'.repeat(127),
  '__proto__',
  'constructor',
  '00000000-0000-0000-0000-000000000000',
];

onEachDatabase('an id that cannot be one is 400, any other unknown id 404', async ({ ask }) => {
  for (const id of [...BAD_IDS, ...UNREADABLE]) {
    const reply = await ask('GET', `/chats/${id}`);
    expect([reply.statusCode, reply.json().code], id).toEqual([400, 'invalid_request']);
    expect(reply.headers['content-type'], id).toBe('application/problem+json; charset=utf-8');
    if (BAD_IDS.includes(id)) expect(reply.json().errors, id).toMatchObject([{ field: 'chat_id' }]);
  }
  for (const id of UNKNOWN) {
    const reply = await ask('GET', `/chats/${id}`);
    expect([reply.statusCode, reply.json().code], id).toEqual([404, 'chat_not_found']);
  }
});

onEachDatabase('a body that is not JSON by its content type is 415', async ({ ask }) => {
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'garbage'];
  for (const type of [...types, 'application/merge-patch+json', 'multipart/form-data; boundary=x']) {
    for (const url of ['/chats', '/chat/run']) {
      const reply = await ask('POST', url, '{"input":"hi"}', { 'content-type': type });
      expect([reply.statusCode, reply.json()], type).toEqual([
        415,
        {
          title: 'Unsupported Media Type',
          status: 415,
          code: 'unsupported_media_type',
          detail: expect.stringContaining('application/json'),
        },
      ]);
    }
  }
  for (const type of ['application/json; charset=utf-8', 'APPLICATION/JSON']) {
    expect((await ask('POST', '/chats', '{}', { 'content-type': type })).statusCode, type).toBe(201);
  }
});

test('a body above the limit is 413, also when its length is not announced', async () => {
  const ask = await limited({ QUESTLOG_BODY_LIMIT: '1000' });
  const title = (bytes: number) => `{"title":"${' '.repeat(bytes - 12)}"}`;
  for (const url of ['/chats', '/chat/run', '/chat/stream']) {
    const reply = await ask('POST', url, title(1_001));
    expect([reply.statusCode, reply.json().code], url).toEqual([413, 'payload_too_large']);
    const unannounced = await ask('POST', url, Readable.from([title(600), title(600)]));
    expect([unannounced.statusCode, unannounced.json().code], url).toEqual([413, 'payload_too_large']);
  }
  expect((await ask('POST', '/chats', title(1_000))).statusCode).toBe(400);
  expect((await ask('POST', '/chats', '{}'.padEnd(1_000))).statusCode).toBe(201);
});

test('an item above the limit is 413 and names the item; nothing of the request is stored', async () => {
  const ask = await limited({ QUESTLOG_ITEM_LIMIT: '1000' });
  const item = (bytes: number) => ({ role: 'user', content: 'é'.repeat((bytes - 28) / 2) });
  const conversation = [item(100), item(1_000), item(1_002)];
  const reply = await ask('POST', '/chats', { conversation });
  expect([reply.statusCode, reply.json()]).toMatchObject([
    413,
    { code: 'item_too_large', errors: [{ field: 'conversation[2]' }] },
  ]);
  const run = await ask('POST', '/chat/run', { input: conversation });
  expect([run.statusCode, run.json().errors]).toMatchObject([413, [{ field: 'input[2]' }]]);
  expect((await ask('GET', '/chats')).json().total).toBe(0);
  expect((await ask('POST', '/chats', { conversation: conversation.slice(0, 2) })).statusCode).toBe(201);
});

test.each([
  ['by default', {}, 10_000],
  ['as configured', { QUESTLOG_ITEMS_LIMIT: '3' }, 3],
])(
  'more items than allowed are 413 before they are looked at, with a small reply (%s)',
  async (_how, env, limit) => {
    const ask = await limited(env);
    const items = Array.from({ length: limit + 1 }, () => ({}));
    for (const [url, body] of [
      ['/chats', { conversation: items }],
      ['/chat/run', { input: items }],
      ['/chat/stream', { input: items }],
    ] as const) {
      const reply = await ask('POST', url, body);
      const [field] = Object.keys(body);
      expect([reply.statusCode, reply.json()]).toMatchObject([
        413,
        { code: 'payload_too_large', errors: [{ field }] },
      ]);
    }
    expect((await ask('POST', '/chats', { conversation: items.slice(1) })).statusCode).toBe(201);
  },
);

test('items that no model can read are refused with 50 places at most', async () => {
  const ask = await limited({});
  const reply = await ask('POST', '/chat/run', { input: Array.from({ length: 10_000 }, () => ({})) });
  expect(reply.statusCode).toBe(400);
  expect(reply.json().errors).toHaveLength(50);
  expect(reply.body.length).toBeLessThan(16_000);
});

test('by default a body and an item of almost 10 MB are taken and come back whole', async () => {
  const ask = await limited({});
  const content = 'x'.repeat(9_900_000);
  const { chat_id: id } = (await ask('POST', '/chats', { conversation: [{ role: 'user', content }] })).json();
  expect((await ask('GET', `/chats/${id}`)).json().conversation[0].content === content).toBe(true);
  expect((await ask('PUT', `/chats/${id}`, { title: 'x'.repeat(10_000_000) })).statusCode).toBe(413);
});

async function limited(env: Record<string, string>): Promise<Ask> {
  const [pglite] = DATABASES;
  if (pglite === undefined) throw new Error('no database');
  return asUser(await serverOn(await pglite.open(), { env }), newUser());
}
