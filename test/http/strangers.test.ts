import type { LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import { type Ask, asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import {
  makeThings,
  OPEN_ROUTES,
  ROUTE_NAMES,
  type RouteRequest,
  requestTo,
  type Things,
} from '../support/routes.ts';

/** Other ways to ask a route. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'GET /chats/{chat_id}': ['?active_only=false'],
  'GET /chats/{chat_id}/items': ['?active_only=false', '?after=0', '?alternative=1'],
  'DELETE /chats/{chat_id}': ['?permanent=true'],
};

const NOBODYS: Things = {
  alternative_id: '1',
  chat_id: 'nobody-has-this',
  run_id: 'nobody-has-this',
  call_id: 'nobody-has-this',
};

function without(reply: LightMyRequestResponse, names: readonly string[]): Record<string, unknown> {
  const headers = Object.entries(reply.headers).filter(([name]) => !names.includes(name));
  return { status: reply.statusCode, body: reply.body, ...Object.fromEntries(headers) };
}

const OF_EACH_REPLY = ['x-request-id', 'date', 'x-ratelimit-remaining', 'x-ratelimit-reset'];

/** Asks every route about a chat or a run with things of somebody else, and with things that nobody has. */
async function expectNothingTold(stranger: Ask, things: Things): Promise<number> {
  let asked = 0;
  for (const route of ROUTE_NAMES.filter((name) => name.includes('{'))) {
    for (const query of ['', ...(QUERIES[route] ?? [])]) {
      for (const headers of [{}, { 'if-match': '*' }, { 'if-none-match': '*' }]) {
        const ask = ({ method, url, body }: RouteRequest) => stranger(method, url + query, body, headers);
        const theirs = without(await ask(requestTo(route, things)), OF_EACH_REPLY);
        expect(theirs.status, `${route}${query} → ${theirs.body}`).toBe(404);
        expect(theirs, `${route}${query}`).toEqual(
          without(await ask(requestTo(route, NOBODYS)), OF_EACH_REPLY),
        );
        asked += 1;
      }
    }
  }
  return asked;
}

onEachDatabase(
  "a stranger's chats and runs answer every route as ones that do not exist",
  async ({ app, ask }) => {
    const things = await makeThings(ask);
    const seen = async () => {
      const chats = await ask('GET', '/chats?active_only=false&include=conversation');
      const run = await ask('GET', `/runs/${things.run_id}`);
      return [chats.body, run.body];
    };
    const before = await seen();
    const stranger = asUser(app, newUser());
    expect(await expectNothingTold(stranger, things)).toBeGreaterThanOrEqual(42);
    expect((await stranger('GET', '/chats?active_only=false')).json()).toMatchObject({ chats: [], total: 0 });
    expect(await seen()).toEqual(before);

    await ask('DELETE', `/chats/${things.chat_id}`);
    await expectNothingTold(stranger, things);
    expect((await ask('POST', `/chats/${things.chat_id}/restore`)).statusCode).toBe(200);
  },
);

onEachDatabase(
  "a run on a stranger's chat is 404, stores nothing and starts nothing",
  async ({ app, ask, db }) => {
    // There it is no stranger's: each user has chat ids of their own.
    if (db.isDistributed) return;
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
    for (const route of ROUTE_NAMES.filter((name) => !OPEN_ROUTES.includes(name))) {
      const { method, url } = requestTo(route, NOBODYS);
      // Who it is comes first: what a stranger sends is not read, and tells nothing about the route.
      for (const [type, payload] of [
        ['application/json', '{"title":"x"}'],
        ['application/json', '{'],
        ['text/plain', 'x'],
        ['application/json', 'x'.repeat(11_000_000)],
      ] as const) {
        const body = method === 'GET' ? {} : { payload, headers: { 'content-type': type } };
        const reply = await app.inject({ method, url, ...body });
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
