import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { appWith, asUser } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { throughDoor } from '../../support/doors.ts';

/** What belongs to a connection, and to the moment. */
const OF_CONNECTION = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
]);

/** `inject` shows a body of a HEAD that goes nowhere. */
function summarize(method: string, { statusCode, headers, body }: LightMyRequestResponse) {
  const rest = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name));
  return { statusCode, headers: Object.fromEntries(rest), body: method === 'HEAD' ? '' : body };
}

/** Requests that change nothing: reads, and what is refused. */
function requests(chat: string, etag: string) {
  const path = fc.constantFrom(
    ...['/chats', chat, `${chat}/`, `${chat}/items`, `${chat}/runs`],
    ...['/chats/unknown', '/chats/%00', '/chats/a%2Fb', '/chats/%ff', '/runs/unknown', '/nowhere', '/'],
  );
  const query = fc.constantFrom(
    '',
    '?limit=1',
    '?limit=x',
    '?include=conversation',
    '?q=%F0%9F%90%89',
    '?a&a=1',
  );
  return fc.record({
    method: fc.constantFrom('GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS'),
    url: fc.tuple(path, query).map((parts) => parts.join('')),
    body: fc.constantFrom(
      undefined,
      '{',
      'null',
      '[]',
      '{"unknown":1}',
      `{"title":"${'x'.repeat(100_000)}"}`,
      '\u00fc',
    ),
    headers: fc.record(
      {
        'if-none-match': fc.constantFrom(etag, '*', 'x'),
        'if-match': fc.constant('"0"'),
        'accept-encoding': fc.constant('gzip'),
        'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-8'),
        'content-encoding': fc.constantFrom('gzip', 'identity'),
        'x-test-user': fc.constant('a\u00fcb'),
      },
      { requiredKeys: [] },
    ),
  });
}

test.each(['fetch', 'node'] as const)(
  'a reply through the door of %s is the one that the app gives without it',
  async (door) => {
    const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
    const user = newUser();
    const plain = asUser(await appWith(db), user);
    const ask = asUser(throughDoor(await appWith(db), door), user);
    const conversation = Array.from({ length: 300 }, (_, n) => ({
      role: 'user',
      content: `${n}`.repeat(2_000),
    }));
    const chat = await plain('POST', '/chats', { title: '\u{1f409}', conversation });
    const url = `/chats/${chat.json().chat_id}`;
    const etag = String(chat.headers.etag);
    const changed = { 'content-type': 'application/json', 'if-match': '"0"' } as const;
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(requests(url, etag), async ({ method, url, body, headers }) => {
        const given = summarize(method, await plain(method, url, body, headers));
        expect(summarize(method, await ask(method, url, body, headers))).toEqual(given);
        statuses.add(given.statusCode);
      }),
      {
        numRuns: 120,
        seed: 26,
        examples: [
          [{ method: 'GET', url, body: undefined, headers: { 'if-none-match': etag } }],
          [{ method: 'PUT', url, body: '{"title":"x"}', headers: changed }],
        ],
      },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 304, 400, 404, 412, 415]));
  },
);
