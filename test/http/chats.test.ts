import { expect } from 'vitest';
import { type Ask, onEachDatabase } from '../support/app.ts';

const TALK = [
  { role: 'user', content: 'Help me plan a D&D campaign' },
  { role: 'assistant', content: "I'd be happy to help!" },
];
const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NOT_FOUND = {
  title: 'Not Found',
  status: 404,
  code: 'chat_not_found',
  detail: 'there is no such chat',
};

async function create(ask: Ask, body: unknown = { title: 'Campaign', conversation: TALK }) {
  const reply = await ask('POST', '/chats', body);
  expect(reply.statusCode, reply.body).toBe(201);
  return { ...reply.json(), etag: String(reply.headers.etag), url: String(reply.headers.location) };
}

onEachDatabase(
  'POST /chats answers 201 with the whole chat, its Location and its ETag',
  async ({ ask, user }) => {
    const reply = await ask('POST', '/chats', { title: 'Campaign', conversation: TALK });
    expect(reply.statusCode).toBe(201);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    const chat = reply.json();
    expect(chat).toStrictEqual({
      chat_id: expect.stringMatching(UUID7),
      user_id: user,
      title: 'Campaign',
      is_active: true,
      created_at: expect.stringMatching(TIME),
      updated_at: chat.created_at,
      is_pinned: false,
      is_archived: false,
      tags: [],
      metadata: {},
      forked_from: null,
      expires_at: null,
      conversation: TALK,
    });
    expect(reply.headers.location).toBe(`/chats/${chat.chat_id}`);
    const read = await ask('GET', `/chats/${chat.chat_id}`);
    expect(read.headers.etag).toBe(reply.headers.etag);
    expect(read.body).toBe(reply.body);
  },
);

onEachDatabase('POST /chats with nothing in it makes an empty chat without title', async ({ ask }) => {
  for (const body of [{}, { title: null }, { conversation: null }, { title: null, conversation: [] }]) {
    expect(await create(ask, body)).toMatchObject({ title: null, conversation: [] });
  }
});

onEachDatabase('a trailing slash changes nothing, on every route', async ({ ask }) => {
  const { chat_id: id } = await create(ask);
  const made = await ask('POST', '/chats/', {});
  expect([made.statusCode, made.headers.location]).toEqual([201, `/chats/${made.json().chat_id}`]);
  for (const path of ['/chats', `/chats/${id}`, `/chats/${id}/items`, '/health', '/ready', '/chat/info']) {
    const [plain, slashed] = [await ask('GET', path), await ask('GET', `${path}/`)];
    expect([slashed.statusCode, slashed.body], path).toEqual([200, plain.body]);
  }
  expect((await ask('PUT', `/chats/${id}/`, { title: 'x' })).statusCode).toBe(200);
  expect((await ask('POST', '/chat/run/', { input: 'hi' })).statusCode).toBe(200);
  expect((await ask('POST', '/chat/stream/', { input: 'hi' })).statusCode).toBe(200);
  expect((await ask('DELETE', `/chats/${id}/`)).statusCode).toBe(204);
  expect((await ask('POST', `/chats/${id}/restore/`)).statusCode).toBe(200);
  expect((await ask('GET', '/chats/?limit=1')).statusCode).toBe(200);
});

onEachDatabase('HEAD answers as GET does, without the body', async ({ ask }) => {
  const { url } = await create(ask);
  const [get, head] = [await ask('GET', url), await ask('HEAD', url)];
  expect([head.statusCode, head.body]).toEqual([200, '']);
  expect(head.headers.etag).toBe(get.headers.etag);
  expect((await ask('HEAD', '/chats/unknown')).statusCode).toBe(404);
});

onEachDatabase('PUT changes only the fields that it is given', async ({ ask }) => {
  const { url, ...before } = await create(ask);
  const titled = (await ask('PUT', url, { title: 'Renamed' })).json();
  expect(titled).toMatchObject({ title: 'Renamed', conversation: TALK, created_at: before.created_at });
  expect(Date.parse(titled.updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
  const shorter = (await ask('PUT', url, { conversation: TALK.slice(0, 1) })).json();
  expect(shorter).toMatchObject({ title: 'Renamed', conversation: TALK.slice(0, 1) });
  const nothing = await ask('PUT', url, {});
  expect(nothing.json()).toEqual(shorter);
  expect((await ask('GET', url)).body).toBe(nothing.body);
});

onEachDatabase('PUT with null clears the title, and the conversation', async ({ ask }) => {
  const { url } = await create(ask);
  expect((await ask('PUT', url, { conversation: null })).json()).toMatchObject({
    title: 'Campaign',
    conversation: [],
  });
  expect((await ask('PUT', url, { title: null })).json()).toMatchObject({ title: null, conversation: [] });
  expect((await ask('GET', url)).json()).toMatchObject({ title: null, conversation: [] });
});

onEachDatabase('PUT answers with an ETag that the next GET has too', async ({ ask }) => {
  const { url, etag } = await create(ask);
  const put = await ask('PUT', url, { title: 'Renamed' });
  expect(put.headers.etag).not.toBe(etag);
  expect((await ask('GET', url)).headers.etag).toBe(put.headers.etag);
});

onEachDatabase(
  'If-Match of an older version is 412 and changes nothing; of this one, or *, it changes',
  async ({ ask }) => {
    const { url, etag } = await create(ask);
    const change = (title: string, ifMatch: string) => ask('PUT', url, { title }, { 'if-match': ifMatch });
    expect((await change('first', etag)).statusCode).toBe(200);
    const stale = await change('second', etag);
    expect([stale.statusCode, stale.json()]).toEqual([
      412,
      {
        title: 'Precondition Failed',
        status: 412,
        code: 'precondition_failed',
        detail: expect.stringContaining('changed'),
      },
    ]);
    expect((await ask('GET', url)).json().title).toBe('first');
    expect((await change('third', '*')).statusCode).toBe(200);
    const { etag: current } = (await ask('GET', url)).headers;
    expect((await change('fourth', `"0", ${current}`)).statusCode).toBe(200);
    // A weak tag never matches strongly (RFC 9110, 13.1.1).
    const { etag: newest } = (await ask('GET', url)).headers;
    expect((await change('fifth', `W/${newest}`)).statusCode).toBe(412);
    expect((await ask('PUT', '/chats/unknown', {}, { 'if-match': '*' })).statusCode).toBe(404);
  },
);

onEachDatabase(
  'of two writers with the same ETag one changes the chat and the other learns of it',
  async ({ ask }) => {
    const { url, etag } = await create(ask);
    const replies = await Promise.all(
      ['a', 'b', 'c', 'd'].map((title) => ask('PUT', url, { title }, { 'if-match': etag })),
    );
    expect(replies.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412, 412, 412]);
  },
);

onEachDatabase('If-None-Match answers 304 without a body until something changes', async ({ ask }) => {
  const { url, etag } = await create(ask);
  const get = (tag: string) => ask('GET', url, undefined, { 'if-none-match': tag });
  for (const tag of [etag, `W/${etag}`, `"0", ${etag}`, '*']) {
    const reply = await get(tag);
    expect([reply.statusCode, reply.body, reply.headers.etag], tag).toEqual([304, '', etag]);
  }
  expect((await get('"0"')).statusCode).toBe(200);
  await ask('PUT', url, { conversation: [] });
  expect((await get(etag)).statusCode).toBe(200);
});

onEachDatabase(
  'a soft-deleted chat is 404 on every route until it is restored, with all it had',
  async ({ ask }) => {
    const { url, chat_id: id } = await create(ask);
    const deleted = await ask('DELETE', url);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect((await ask('GET', url)).json()).toEqual(NOT_FOUND);
    expect((await ask('GET', `${url}/items`)).json()).toEqual(NOT_FOUND);
    expect((await ask('PUT', url, { title: 'x' })).json()).toEqual(NOT_FOUND);
    expect((await ask('DELETE', url)).json()).toEqual(NOT_FOUND);
    expect((await ask('POST', '/chat/run', { input: 'hi', session_id: id })).statusCode).toBe(404);
    expect((await ask('GET', '/chats')).json()).toMatchObject({ chats: [], total: 0 });
    const kept = (await ask('GET', `${url}?active_only=false`)).json();
    expect(kept).toMatchObject({ is_active: false, title: 'Campaign', conversation: TALK });
    expect((await ask('GET', `${url}/items?active_only=false`)).json().items).toHaveLength(2);
    expect((await ask('GET', '/chats?active_only=false')).json()).toMatchObject({ total: 1 });

    const restored = await ask('POST', `${url}/restore`);
    expect([restored.statusCode, restored.json()]).toEqual([
      200,
      { ...kept, is_active: true, updated_at: expect.any(String) },
    ]);
    expect((await ask('GET', url)).headers.etag).toBe(restored.headers.etag);
    expect((await ask('POST', `${url}/restore`)).body).toBe(restored.body);
  },
);

onEachDatabase('a permanent delete removes an active or soft-deleted chat for good', async ({ ask }) => {
  for (const soft of [false, true]) {
    const { url } = await create(ask);
    if (soft) await ask('DELETE', url);
    expect((await ask('DELETE', `${url}?permanent=true`)).statusCode).toBe(204);
    expect((await ask('GET', `${url}?active_only=false`)).json()).toEqual(NOT_FOUND);
    expect((await ask('POST', `${url}/restore`)).json()).toEqual(NOT_FOUND);
    expect((await ask('DELETE', `${url}?permanent=true`)).json()).toEqual(NOT_FOUND);
  }
});
