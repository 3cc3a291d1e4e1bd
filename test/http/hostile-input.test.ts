import fc from 'fast-check';
import { expect } from 'vitest';
import { createChat, DatabaseSession, getChatById } from '../../src/index.ts';
import { onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import { ApiDocument } from '../support/openapi.ts';

/** JSON that is nested so deep. */
const deep = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const itemWith = (member: string) => `[{"role":"user","content":"x","providerData":${member}}]`;

onEachDatabase('an id that cannot be one is 400 in every path that has one', async ({ app, ask }) => {
  const { routes } = await ApiDocument.of(app);
  const withId = routes.filter(({ path }) => path.includes('{'));
  expect(withId.length).toBeGreaterThanOrEqual(10);
  const places = withId.flatMap(({ method, path }) =>
    [...path.matchAll(/\{(\w+)\}/g)].map(([place, field]) => ({ method, path, place, field })),
  );
  for (const { method, path, place, field } of places) {
    for (const id of ['%00x', 'x%00', 'x'.repeat(256), '%C3%A9'.repeat(130)]) {
      const query = path.endsWith('/items') ? '?from=0&to=1' : '';
      const body = path.endsWith('/feedback') ? { rating: 'up' } : { from: 0, to: 1 };
      const url = path.replace(place, id).replace(/\{\w+\}/g, '1') + query;
      const reply = await (method === 'GET' ? ask(method, url) : ask(method, url, body));
      const label = `${method} ${path} ${id.slice(0, 9)}`;
      expect([reply.statusCode, reply.json().errors?.[0]?.field], label).toEqual([400, field]);
    }
  }
});

onEachDatabase('NUL in a query is 400 and named', async ({ ask }) => {
  for (const [url, field] of [
    ['/chats?q=a%00', 'q'],
    ['/chats?cursor=%00', 'cursor'],
    ['/chats/search?q=a%00', 'q'],
    ['/chats/search?q=a&cursor=%00', 'cursor'],
    ['/chats/live?since=%00', 'since'],
  ] as const) {
    const reply = await ask('GET', url);
    expect([reply.statusCode, reply.json().errors], url).toMatchObject([400, [{ field }]]);
  }
});

onEachDatabase('what is nested too deep is 400 and named, wherever it is', async ({ ask }) => {
  for (const levels of [1_002, 5_000, 100_000]) {
    for (const [url, body, field] of [
      ['/chat/run', `{"input":"x","session_id":null,"context":${deep(levels)}}`, 'context'],
      ['/chat/run', `{"input":${itemWith(deep(levels))},"session_id":null}`, 'input'],
      ['/chat/stream', `{"input":${itemWith(deep(levels))}}`, 'input'],
      ['/chat/run', `{"input":"x","pending":${deep(levels)}}`, 'pending'],
      ['/chat/run', `{"input":"x","session_id":${deep(levels)}}`, 'session_id'],
      ['/runs/x/approvals', `{"decisions":[${deep(levels)}]}`, 'decisions'],
      ['/chats', `{"conversation":${itemWith(deep(levels))}}`, 'conversation'],
      ['/chats', `{"title":${deep(levels)}}`, 'title'],
    ] as const) {
      for (const headers of [{}, { 'idempotency-key': newUser() }]) {
        const reply = await ask('POST', url, body, headers);
        const label = `${url} ${field} ${levels}`;
        expect([reply.statusCode, reply.json().errors], label).toMatchObject([400, [{ field }]]);
      }
    }
  }
});

onEachDatabase('what is nested as deep as allowed is taken', async ({ ask }) => {
  const key = () => ({ 'idempotency-key': newUser() });
  const context = `{"input":"x","session_id":null,"context":${deep(1_001)}}`;
  expect((await ask('POST', '/chat/run', context, key())).statusCode).toBe(200);
  const input = `{"input":${itemWith(deep(999))},"session_id":null}`;
  expect((await ask('POST', '/chat/run', input, key())).statusCode).toBe(200);
  expect((await ask('POST', '/chats', `{"conversation":${itemWith(deep(999))}}`)).statusCode).toBe(201);
});

onEachDatabase('an error reply has less than 16 KB, whatever is wrong', async ({ ask }) => {
  const wide = Array.from({ length: 1_000 }, (_, n) => n);
  for (const char of ['k', '\0', '\ud800', '語']) {
    const long = char.repeat(5_000);
    const keys = Object.fromEntries(wide.map((n) => [`${long.slice(0, 300)}${n}`, n]));
    for (const [method, url, body] of [
      ['POST', '/chats', { [long]: 1 }],
      ['POST', '/chats', keys],
      ['POST', '/chats', { title: long }],
      ['POST', '/chats', { conversation: [{ [long]: { [long]: 1 } }, ...wide] }],
      ['POST', '/chat/run', { input: wide.map(() => ({ [long.slice(0, 50)]: long })) }],
      ['POST', '/chat/run', { input: 'x', session_id: long }],
      [
        'POST',
        '/chat/run',
        { input: wide.map(() => ({ role: 'user', content: [{ type: long.slice(0, 99) }] })) },
      ],
      ['POST', '/runs/x/approvals', { decisions: wide.slice(0, 100).map(() => ({ [long]: long })) }],
      ['GET', `/chats?${encodeURIComponent(long.toWellFormed()).slice(0, 9_000)}=1`, undefined],
      ['GET', `/chats/%zz${'x'.repeat(9_000)}`, undefined],
    ] as const) {
      const reply = await ask(method, url, body);
      const label = `${method} ${url.slice(0, 40)} ${JSON.stringify(char)}`;
      expect(reply.statusCode, label).toBeGreaterThanOrEqual(400);
      expect(reply.statusCode, label).toBeLessThan(500);
      expect(reply.rawPayload.length, label).toBeLessThan(16_000);
      expect(reply.json(), label).toMatchObject({ status: reply.statusCode });
    }
  }
});

onEachDatabase('a chat that no route can reach cannot be made', async ({ db, user, ask }) => {
  for (const id of ['export', 'live', 'search', '.', '..']) {
    for (const url of ['/chat/run', '/chat/stream']) {
      const reply = await ask('POST', url, { input: 'x', session_id: id });
      expect([reply.statusCode, reply.json().errors], id).toMatchObject([400, [{ field: 'session_id' }]]);
    }
    expect(() => new DatabaseSession(id, db, { userId: user })).toThrow('chat_id must not be');
    expect(() => new DatabaseSession(id, db, { userId: () => user })).toThrow('chat_id must not be');
    // One that is there already can still be read and emptied.
    expect(await getChatById(db, id, user)).toBeUndefined();
    const code = db.isDistributed ? 'invalid_request' : 'chat_not_found';
    await expect(new DatabaseSession(id, db).getItems()).rejects.toMatchObject({ code });
  }
  expect((await ask('GET', '/chats')).json().total).toBe(0);
});

onEachDatabase('every chat that can be made can be reached at its URL', async ({ db, user, ask }) => {
  await createChat(db, user);
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const ids = fc.oneof(
    text,
    fc.string({ unit: fc.constantFrom(...'./%?#;:@&=+ \\live'), minLength: 1, maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(ids, async (id) => {
      const name = `${id}${user.slice(-8)}`;
      for (const chatId of [name, name.split('').reverse().join('').toWellFormed()]) {
        const made = await ask('POST', '/chat/run', { input: 'x', session_id: chatId });
        if (made.statusCode === 400) continue;
        expect(made.statusCode, chatId).toBe(200);
        const found = await ask('GET', `/chats/${encodeURIComponent(chatId)}`);
        expect([found.statusCode, found.json().chat_id]).toEqual([200, chatId]);
      }
    }),
    { numRuns: 25, seed: 17 },
  );
});
