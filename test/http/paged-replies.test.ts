import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createChat, type Database, DatabaseSession, updateChat } from '../../src/index.ts';
import { asUser, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { openStream, readAll } from '../support/slow-reader.ts';

type Open = (typeof DATABASES)[0]['open'];

const MB = 1_000_000;
const said = (content: string) => ({ role: 'user', content });
/** Nothing that a database could compress. */
const noise = (length: number) => said(randomBytes(length / 2).toString('hex'));

async function stage(open: Open) {
  const db = await open();
  const userId = newUser();
  const app = await serverOn(db);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = { 'x-test-user': userId };
  const create = async (conversation: readonly object[]) =>
    (await createChat(db, userId, { conversation })).chatId;
  const get = (path: string, encoding = 'identity') =>
    openStream(url + path, { headers: { ...headers, 'accept-encoding': encoding } });
  return { db, userId, ask: asUser(app, userId), create, get };
}

/** Changes a chat when the second page of a conversation is asked for. */
function beforeSecondPage(db: Database, work: () => Promise<unknown>): void {
  const { query } = db;
  let pages = 0;
  const spy = vi.spyOn(db, 'query').mockImplementation(async (statement) => {
    if (statement.name === 'get_conversations') pages += 1;
    if (statement.name === 'get_conversations' && pages === 2) {
      spy.mockRestore();
      await work();
    }
    return query.call(db, statement);
  });
  onTestFinished(() => spy.mockRestore());
}

/** The statements from now on that read a page. */
function countPages(db: Database) {
  const { query } = db;
  let [read, underWay] = [0, 0];
  const spy = vi.spyOn(db, 'query').mockImplementation(async (statement) => {
    if (statement.name !== 'get_conversations') return query.call(db, statement);
    underWay += 1;
    return query.call(db, statement).finally(() => {
      underWay -= 1;
      read += 1;
    });
  });
  onTestFinished(() => spy.mockRestore());
  return { read: () => read, underWay: () => underWay };
}

describe.each(DATABASES)('a reply of several pages ($name)', ({ open }) => {
  test('is the whole chat, wherever a reply has one', { timeout: 120_000 }, async () => {
    const { ask, create } = await stage(open);
    const conversation = [noise(MB / 2), said('é'), noise(3 * MB), said('b'), noise(MB / 2), noise(MB / 2)];
    const id = await create(conversation);
    const small = await create([said('small')]);
    const got = await ask('GET', `/chats/${id}`);
    expect(got.json()).toMatchObject({ chat_id: id, conversation });
    expect(
      (await ask('GET', `/chats/${id}`, undefined, { 'if-none-match': String(got.headers.etag) })).statusCode,
    ).toBe(304);
    const renamed = await ask(
      'PUT',
      `/chats/${id}`,
      { title: 'Long' },
      { 'if-match': String(got.headers.etag) },
    );
    expect(renamed.json()).toMatchObject({ title: 'Long', conversation });
    await ask('DELETE', `/chats/${id}`);
    expect((await ask('GET', `/chats/${id}`)).statusCode).toBe(404);
    expect((await ask('POST', `/chats/${id}/restore`)).json()).toMatchObject({
      is_active: true,
      conversation,
    });
    const listed = (await ask('GET', '/chats?include=conversation')).json();
    expect(listed).toMatchObject({
      chats: [
        { chat_id: id, conversation },
        { chat_id: small, conversation: [said('small')] },
      ],
      total: 2,
    });
    for (const made of [
      await ask('POST', '/chats', { conversation }),
      await ask('PUT', `/chats/${id}`, { conversation }),
    ]) {
      expect(made.json()).toMatchObject({ conversation });
      const { chat_id: madeId } = made.json();
      expect((await ask('GET', `/chats/${madeId}`)).headers.etag).toBe(made.headers.etag);
    }
  });

  test('is sent at once with its length when it is short', async () => {
    const { create, get } = await stage(open);
    const id = await create([said('é')]);
    for (const path of [`/chats/${id}`, '/chats?include=conversation', `/chats/${id}/items`]) {
      const reply = await get(path);
      expect(reply.headers['content-length']).toBe(String(Buffer.byteLength(await readAll(reply))));
    }
  });

  test('holds no place of the database while nobody reads it, and is whole when it is read, beside others of its user', {
    timeout: 120_000,
  }, async () => {
    const { db, ask, create, get } = await stage(open);
    const conversation = Array.from({ length: 12 }, () => noise(MB));
    const [id, small] = [await create(conversation), await create([said('small')])];
    const pages = countPages(db);
    const replies = await Promise.all(Array.from({ length: 3 }, () => get(`/chats/${id}`)));
    await expect.poll(pages.underWay).toBe(0);
    // More than sockets hold.
    expect(pages.read()).toBeLessThan(3 * 48);
    expect((await ask('GET', `/chats/${small}`)).json()).toMatchObject({ conversation: [said('small')] });
    for (const reply of await Promise.all(replies.map(readAll))) {
      expect(JSON.parse(reply).conversation).toEqual(conversation);
    }
  });

  test('leaves out what is appended meanwhile', { timeout: 60_000 }, async () => {
    const { db, userId, create, get } = await stage(open);
    const conversation = [noise(MB), noise(MB), noise(MB)];
    const id = await create(conversation);
    beforeSecondPage(db, () =>
      new DatabaseSession(id, db, { userId }).addItems([{ role: 'user', content: 'late' }]),
    );
    const reply = await get(`/chats/${id}`);
    expect(JSON.parse(await readAll(reply))).toMatchObject({ conversation });
  });

  test('is broken off when its history is changed meanwhile', { timeout: 60_000 }, async () => {
    const { db, userId, create, get } = await stage(open);
    const id = await create([noise(MB), noise(MB), noise(MB)]);
    for (const [path, encoding] of [
      [`/chats/${id}`, 'identity'],
      ['/chats?include=conversation', 'identity'],
      [`/chats/${id}`, 'gzip'],
    ] as const) {
      beforeSecondPage(db, () =>
        updateChat(db, id, userId, { conversation: [noise(MB), noise(MB), noise(MB)] }),
      );
      const reply = await get(path, encoding);
      expect([reply.statusCode, reply.headers['content-encoding'] ?? 'identity']).toEqual([200, encoding]);
      const length = readAll(reply).then((text) => text.length);
      await expect(length).rejects.toMatchObject({ code: 'ECONNRESET' });
    }
  });

  test('of items ends early, and says that there are more', { timeout: 60_000 }, async () => {
    const { ask, create } = await stage(open);
    const conversation = [
      said('0'),
      noise(3 * MB),
      said('2'),
      ...Array.from({ length: 5 }, () => noise(400_000)),
      said('8'),
    ];
    const id = await create(conversation);
    const walk = async (direction: 'before' | 'after') => {
      const pages: { position: number; item: unknown }[][] = [];
      for (let query = direction === 'after' ? '&after=0' : ''; ; ) {
        const { items, has_more: hasMore } = (
          await ask('GET', `/chats/${id}/items?limit=1000${query}`)
        ).json();
        if (direction === 'after') pages.push(items);
        else pages.unshift(items);
        if (!hasMore) return pages;
        query = direction === 'after' ? `&after=${items.at(-1).position}` : `&before=${items[0].position}`;
      }
    };
    const back = await walk('before');
    expect(back.flat().map(({ item }) => item)).toEqual(conversation);
    const places = (pages: typeof back) => pages.map((page) => page.map(({ position }) => position));
    expect(places(back)).toEqual([[0], [1], [2, 3], [4, 5], [6, 7, 8]]);
    const on = await walk('after');
    expect(on.flat().map(({ item }) => item)).toEqual(conversation.slice(1));
    expect(places(on)).toEqual([[1], [2, 3, 4], [5, 6], [7, 8]]);
  });
});
