import { expect } from 'vitest';
import { QuestlogClient } from '../../src/client/client.ts';
import { type Ask, asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

const TALK = ['a', 'b', 'c'].map((content) => ({ role: 'user', content }));

async function titles(ask: Ask, query: string): Promise<string[]> {
  const reply = await ask('GET', `/chats${query}`);
  expect(reply.statusCode, reply.body).toBe(200);
  const { chats, total } = reply.json();
  expect(total).toBe(chats.length);
  return chats.map(({ title }: { title: string }) => title);
}

onEachDatabase(
  'a chat is organised when it is made and changed, and only what is given changes',
  async ({ ask }) => {
    const organised = {
      is_pinned: true,
      is_archived: true,
      tags: ['a', 'ä'],
      metadata: { z: '\u0000', a: [1e308] },
    };
    const made = (await ask('POST', '/chats', { title: 'T', conversation: TALK, ...organised })).json();
    expect(made).toMatchObject({ ...organised, forked_from: null });
    const url = `/chats/${made.chat_id}`;
    const read = await ask('GET', url);
    expect(read.json()).toEqual(made);
    const unpinned = await ask('PUT', url, { is_pinned: false });
    expect(unpinned.json()).toEqual({ ...made, is_pinned: false });
    expect(unpinned.headers.etag).not.toBe(read.headers.etag);
    expect(
      (await ask('GET', url, undefined, { 'if-none-match': String(read.headers.etag) })).statusCode,
    ).toBe(200);
    const stale = await ask('PUT', url, { tags: [] }, { 'if-match': String(read.headers.etag) });
    expect(stale.json()).toMatchObject({ code: 'precondition_failed' });
    const again = await ask(
      'PUT',
      url,
      { tags: [], metadata: {} },
      { 'if-match': String(unpinned.headers.etag) },
    );
    expect(again.json()).toEqual({ ...made, is_pinned: false, tags: [], metadata: {} });
  },
);

onEachDatabase(
  'the list has archived chats when they are asked for, and filters by pin, tags and metadata',
  async ({ ask }) => {
    const chats = {
      plain: {},
      pinned: { is_pinned: true, tags: ['a'] },
      away: { is_archived: true, tags: ['a', 'b'], metadata: { n: 1, s: '1' } },
      tagged: { tags: ['b', 'a'], metadata: { n: 1, s: 1 } },
    };
    for (const [title, body] of Object.entries(chats)) await ask('POST', '/chats', { title, ...body });
    const found = {
      '': ['tagged', 'pinned', 'plain'],
      '?archived=false': ['tagged', 'pinned', 'plain'],
      '?archived=true': ['away'],
      '?active_only=false': ['tagged', 'away', 'pinned', 'plain'],
      '?active_only=false&archived=false': ['tagged', 'pinned', 'plain'],
      '?pinned=true': ['pinned'],
      '?pinned=false': ['tagged', 'plain'],
      '?tag=a': ['tagged', 'pinned'],
      '?tag=a&tag=b': ['tagged'],
      '?tag=a&tag=b&archived=true': ['away'],
      '?metadata={"n":1}': ['tagged'],
      '?metadata={"s":"1"}&archived=true': ['away'],
      '?metadata={"s":"1"}': [],
      '?metadata={}': ['tagged', 'pinned', 'plain'],
      '?q=TAG&pinned=false': ['tagged'],
      '?deleted_only=true': [],
    };
    for (const [query, expected] of Object.entries(found))
      expect(await titles(ask, encodeURI(query)), query).toEqual(expected);
    const [away] = (await ask('GET', '/chats?archived=true')).json().chats;
    await ask('DELETE', `/chats/${away.chat_id}`);
    expect(await titles(ask, '?deleted_only=true')).toEqual(['away']);
    expect(await titles(ask, '?archived=true')).toEqual([]);
  },
);

onEachDatabase('what is wrong with tags, metadata and filters is 400 by its name', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', {})).json();
  const refused: readonly (readonly ['POST' | 'PUT' | 'GET', string, unknown, string])[] = [
    ['POST', '/chats', { tags: ['a', 'a'] }, 'tags[1]'],
    ['PUT', `/chats/${id}`, { tags: ['a '] }, 'tags[0]'],
    ['PUT', `/chats/${id}`, { tags: ['x'.repeat(65)] }, 'tags[0]'],
    ['PUT', `/chats/${id}`, { is_pinned: null }, 'is_pinned'],
    ['PUT', `/chats/${id}`, { metadata: [] }, 'metadata'],
    ['PUT', `/chats/${id}`, { metadata: { a: 'x'.repeat(16_384) } }, 'metadata'],
    ['GET', '/chats?pinned=yes', undefined, 'pinned'],
    ['GET', '/chats?archived=1', undefined, 'archived'],
    ['GET', '/chats?tag=', undefined, 'tag'],
    ['GET', '/chats?tag=%00', undefined, 'tag'],
    ['GET', '/chats?tag=a&tag=%00', undefined, 'tag'],
    ['GET', '/chats?metadata=x', undefined, 'metadata'],
    ['GET', '/chats?metadata=[]', undefined, 'metadata'],
    ['GET', '/chats?metadata=1', undefined, 'metadata'],
    ['GET', '/chats?metadata={"a":null}', undefined, 'metadata.a'],
    ['GET', '/chats?metadata={"a":1e999}', undefined, 'metadata.a'],
    ['POST', `/chats/${id}/fork`, { position: 0 }, 'position'],
    ['POST', `/chats/${id}/fork`, { position: -1 }, 'position'],
    ['POST', `/chats/${id}/fork`, { titel: 'x' }, 'titel'],
  ];
  for (const [method, url, body, field] of refused) {
    const reply = await ask(method, encodeURI(url).replaceAll('%25', '%'), body);
    expect([reply.statusCode, reply.json().errors?.[0]?.field], `${method} ${url} ${reply.body}`).toEqual([
      400,
      field,
    ]);
  }
});

onEachDatabase(
  'a fork is a new chat that knows where it comes from; what is not there is 404',
  async ({ app, ask, user }) => {
    const made = (await ask('POST', '/chats', { title: 'T', conversation: TALK, tags: ['a'] })).json();
    const reply = await ask('POST', `/chats/${made.chat_id}/fork`, { position: 1, title: 'Other' });
    const fork = reply.json();
    expect([reply.statusCode, reply.headers.location]).toEqual([201, `/chats/${fork.chat_id}`]);
    expect(fork).toMatchObject({
      user_id: user,
      title: 'Other',
      tags: ['a'],
      forked_from: { chat_id: made.chat_id, position: 1 },
    });
    const read = await ask('GET', `/chats/${fork.chat_id}`);
    expect(read.json()).toEqual({ ...fork, conversation: TALK.slice(0, 2) });
    expect(read.headers.etag).toBe(reply.headers.etag);
    const items = (await ask('GET', `/chats/${fork.chat_id}/items`)).json();
    expect([items.title, items.forked_from]).toEqual(['Other', fork.forked_from]);
    const run = await ask('POST', '/chat/run', { input: 'go on', session_id: fork.chat_id });
    expect(run.statusCode, run.body).toBe(200);
    expect((await ask('GET', `/chats/${made.chat_id}`)).json()).toEqual(made);
    const stranger = asUser(app, newUser());
    expect((await stranger('POST', `/chats/${made.chat_id}/fork`, {})).statusCode).toBe(404);
    await ask('DELETE', `/chats/${made.chat_id}`);
    expect((await ask('POST', `/chats/${made.chat_id}/fork`, { position: 0 })).statusCode).toBe(404);
  },
);

onEachDatabase('the client organises, filters and forks', async ({ app, user }) => {
  const baseUrl = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new QuestlogClient({
    baseUrl,
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), 'x-test-user': user } }),
  });
  const { chat_id: chatId } = await client.createChat({ title: 'T', tags: ['a', 'b'], conversation: TALK });
  await client.updateChat(chatId, { is_pinned: true, metadata: { project: 'citadel & co', n: 1 } });
  await client.createChat({ tags: ['a'], is_archived: true });
  const ids = async (options: Parameters<typeof client.listChats>[0]) =>
    (await client.listChats(options)).chats.map((chat) => chat.chat_id);
  const filter = { pinned: true, tags: ['a', 'b'], metadata: { project: 'citadel & co', n: 1 } };
  expect(await ids(filter)).toEqual([chatId]);
  expect(await ids({ ...filter, archived: true })).toEqual([]);
  expect(await ids({ archived: true })).toHaveLength(1);
  const fork = await client.forkChat(chatId, { position: 0 });
  expect(fork.forked_from).toEqual({ chat_id: chatId, position: 0 });
  expect((await client.getChat(fork.chat_id)).conversation).toEqual(TALK.slice(0, 1));
  expect((await client.forkChat(chatId)).title).toBe('T');
});
