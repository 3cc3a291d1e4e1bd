import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { type Ask, asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import { ApiDocument } from '../support/openapi.ts';

/** A valid body of each route that takes one. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /chats': { title: 'x' },
  'PUT /chats/{chat_id}': { title: 'stolen', conversation: [] },
};

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'GET /chats/{chat_id}': ['?active_only=false'],
  'GET /chats/{chat_id}/items': ['?active_only=false', '?after=0'],
  'DELETE /chats/{chat_id}': ['?permanent=true'],
};

/** What a route cannot be asked without. */
const NEEDED: Readonly<Record<string, string>> = { 'DELETE /chats/{chat_id}/items': '?from=0&to=9' };

function without(reply: LightMyRequestResponse, names: readonly string[]): Record<string, unknown> {
  const headers = Object.entries(reply.headers).filter(([name]) => !names.includes(name));
  return { status: reply.statusCode, body: reply.body, ...Object.fromEntries(headers) };
}

const OF_EACH_REPLY = ['x-request-id', 'date', 'x-ratelimit-remaining', 'x-ratelimit-reset'];

/** Asks every route with a `{chat_id}` about a chat that is somebody else's, and about one that nobody has. */
async function expectNothingTold(app: FastifyInstance, stranger: Ask, chatId: string): Promise<number> {
  const routes = (await ApiDocument.of(app)).routes.filter(({ path }) => path.includes('{chat_id}'));
  let asked = 0;
  for (const { method, path } of routes) {
    const name = `${method} ${path}`;
    for (const query of [NEEDED[name] ?? '', ...(QUERIES[name] ?? [])]) {
      for (const headers of [{}, { 'if-match': '*' }, { 'if-none-match': '*' }]) {
        const ask = (id: string) =>
          stranger(method, path.replace('{chat_id}', id) + query, BODIES[name], headers);
        const theirs = without(await ask(chatId), OF_EACH_REPLY);
        expect(theirs.status, `${name}${query} → ${theirs.body}`).toBe(404);
        expect(theirs, `${name}${query}`).toEqual(without(await ask('nobody-has-this'), OF_EACH_REPLY));
        asked += 1;
      }
    }
  }
  return asked;
}

onEachDatabase("a stranger's chat answers every route as one that does not exist", async ({ app, ask }) => {
  const conversation = [{ role: 'user', content: 'secret' }];
  const made = await ask('POST', '/chats', { title: 'secret', conversation });
  const { chat_id: id } = made.json();
  const stranger = asUser(app, newUser());
  expect(await expectNothingTold(app, stranger, id)).toBeGreaterThanOrEqual(27);
  expect((await stranger('GET', '/chats?active_only=false')).json()).toMatchObject({ chats: [], total: 0 });

  const after = await ask('GET', `/chats/${id}`);
  expect([after.body, after.headers.etag]).toEqual([made.body, made.headers.etag]);
  await ask('DELETE', `/chats/${id}`);
  await expectNothingTold(app, stranger, id);
  expect((await ask('POST', `/chats/${id}/restore`)).statusCode).toBe(200);
});

onEachDatabase(
  "a run on a stranger's chat is 404, stores nothing and starts nothing",
  async ({ app, ask }) => {
    const { chat_id: id } = (
      await ask('POST', '/chats', { conversation: [{ role: 'user', content: 'x' }] })
    ).json();
    const before = await ask('GET', `/chats/${id}`);
    const stranger = asUser(app, newUser());
    for (const url of ['/chat/run', '/chat/stream']) {
      const reply = await stranger('POST', url, { input: 'What did we discuss?', session_id: id });
      expect([reply.statusCode, reply.json()], url).toEqual([
        404,
        { title: 'Not Found', status: 404, code: 'chat_not_found', detail: 'there is no such chat' },
      ]);
      expect(reply.headers).not.toHaveProperty('x-run-id');
    }
    const after = await ask('GET', `/chats/${id}`);
    expect([after.body, after.headers.etag]).toEqual([before.body, before.headers.etag]);
    expect((await stranger('GET', '/chats')).json().total).toBe(0);
  },
);

onEachDatabase('two users may have the same words, and each sees their own', async ({ app, ask }) => {
  const other = asUser(app, newUser());
  const mine = (await ask('POST', '/chats', { title: 'same' })).json();
  const theirs = (await other('POST', '/chats', { title: 'same' })).json();
  expect((await ask('GET', '/chats')).json()).toMatchObject({ total: 1, chats: [{ chat_id: mine.chat_id }] });
  expect((await other('GET', '/chats')).json()).toMatchObject({
    total: 1,
    chats: [{ chat_id: theirs.chat_id }],
  });
});

onEachDatabase(
  'without a user every route but those for operators is 401, whatever is sent',
  async ({ app }) => {
    // Every route that the server documents: a new one is in here by itself.
    const { routes } = await ApiDocument.of(app);
    const asked = routes.filter(({ operation }) => operation.security === undefined);
    const open = routes.filter((route) => !asked.includes(route)).map(({ path }) => path);
    expect(open).toEqual(['/health', '/ready']);
    expect(asked.length).toBeGreaterThanOrEqual(10);
    for (const { method, path } of asked) {
      const url = path.replace('{chat_id}', 'any');
      // Who it is comes first: what a stranger sends is not read, and tells nothing about the route.
      for (const [type, payload] of [
        ['application/json', '{"title":"x"}'],
        ['application/json', '{'],
        ['text/plain', 'x'],
        ['application/json', 'x'.repeat(11_000_000)],
      ] as const) {
        const body = method === 'GET' ? {} : { payload, headers: { 'content-type': type } };
        const reply = await app.inject({ method, url: `${url}?unknown=1`, ...body });
        expect([reply.statusCode, reply.json()], `${method} ${url}`).toEqual([
          401,
          { title: 'Unauthorized', status: 401, code: 'unauthenticated', detail: 'sign in first' },
        ]);
        expect(reply.headers['www-authenticate']).toBe('Bearer');
        if (method === 'GET') break;
      }
    }
  },
);
