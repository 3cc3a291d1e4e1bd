import { expect } from 'vitest';
import { type Ask, asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

interface Page {
  readonly chats: { readonly chat_id: string; readonly title: string }[];
  readonly total: number;
  readonly next_cursor: string | null;
}

/** Chats with these titles, the first one made first. */
async function createAll(ask: Ask, titles: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const title of titles) {
    const conversation = [{ role: 'user', content: title }];
    ids.set(title, (await ask('POST', '/chats', { title, conversation })).json().chat_id);
  }
  return ids;
}

async function list(ask: Ask, query = ''): Promise<Page> {
  const reply = await ask('GET', `/chats${query}`);
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
}

const titles = ({ chats }: Page) => chats.map(({ title }) => title);

onEachDatabase('the list has exactly the documented fields and no conversations', async ({ ask, user }) => {
  expect(await list(ask)).toStrictEqual({ chats: [], total: 0, skip: 0, limit: 100, next_cursor: null });
  const ids = await createAll(ask, ['a']);
  expect(await list(ask)).toStrictEqual({
    chats: [
      {
        chat_id: ids.get('a'),
        user_id: user,
        title: 'a',
        is_active: true,
        created_at: expect.any(String),
        updated_at: expect.any(String),
        is_pinned: false,
        is_archived: false,
        tags: [],
        metadata: {},
        forked_from: null,
        expires_at: null,
      },
    ],
    total: 1,
    skip: 0,
    limit: 100,
    next_cursor: null,
  });
});

onEachDatabase('include=conversation sends each chat as GET of that chat does', async ({ ask }) => {
  const ids = await createAll(ask, ['a', 'b']);
  await ask('PUT', `/chats/${ids.get('a')}`, { conversation: null });
  const { chats } = await list(ask, '?include=conversation');
  const single = await Promise.all(chats.map(({ chat_id: id }) => ask('GET', `/chats/${id}`)));
  expect(chats).toStrictEqual(single.map((reply) => reply.json()));
  expect(chats).toMatchObject([
    { title: 'a', conversation: [] },
    { title: 'b', conversation: [{ content: 'b' }] },
  ]);
});

onEachDatabase('the newest activity is first: an update or a run brings a chat up', async ({ ask }) => {
  const ids = await createAll(ask, ['a', 'b', 'c']);
  expect(titles(await list(ask))).toEqual(['c', 'b', 'a']);
  await ask('PUT', `/chats/${ids.get('b')}`, { conversation: [] });
  expect(titles(await list(ask))).toEqual(['b', 'c', 'a']);
  await ask('POST', '/chat/run', { input: 'hi', session_id: ids.get('a') });
  expect(titles(await list(ask))).toEqual(['a', 'b', 'c']);
});

onEachDatabase('skip and limit cut pages, and total counts all of them', async ({ ask }) => {
  await createAll(ask, ['a', 'b', 'c', 'd', 'e']);
  const pages = await Promise.all([0, 2, 4, 5, 9].map((skip) => list(ask, `?skip=${skip}&limit=2`)));
  expect(pages.map(titles)).toEqual([['e', 'd'], ['c', 'b'], ['a'], [], []]);
  expect(pages.map(({ total }) => total)).toEqual([5, 5, 5, 5, 5]);
  expect(pages[1]).toMatchObject({ skip: 2, limit: 2 });
  expect(await list(ask, '?limit=1')).toMatchObject({ limit: 1 });
  expect(await list(ask, '?limit=100')).toMatchObject({ limit: 100 });
  expect(titles(await list(ask, `?skip=${Number.MAX_SAFE_INTEGER}`))).toEqual([]);
});

onEachDatabase('next_cursor leads through every chat once, and is null on the last page', async ({ ask }) => {
  await createAll(ask, ['a', 'b', 'c', 'd']);
  for (const limit of [1, 2, 3, 4, 5]) {
    const seen: string[] = [];
    let cursor: string | null = '';
    for (let page = 0; cursor !== null; page++) {
      expect(page, 'a page too many').toBeLessThan(Math.ceil(4 / limit));
      const query = `?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const found = await list(ask, query);
      seen.push(...titles(found));
      cursor = found.next_cursor;
    }
    expect(seen, `pages of ${limit}`).toEqual(['d', 'c', 'b', 'a']);
  }
});

onEachDatabase('a chat made while somebody pages moves nothing in the next page', async ({ ask }) => {
  await createAll(ask, ['a', 'b', 'c']);
  const first = await list(ask, '?limit=2');
  await createAll(ask, ['new']);
  expect(titles(await list(ask, `?limit=2&cursor=${first.next_cursor}`))).toEqual(['a']);
});

onEachDatabase('active_only=false lists soft-deleted chats too, paged alike', async ({ ask }) => {
  const ids = await createAll(ask, ['a', 'b', 'c']);
  await ask('DELETE', `/chats/${ids.get('b')}`);
  expect(titles(await list(ask, '?active_only=true'))).toEqual(['c', 'a']);
  const first = await list(ask, '?active_only=false&limit=2');
  expect([titles(first), first.total]).toEqual([['b', 'c'], 3]);
  const second = await list(ask, `?active_only=false&limit=2&cursor=${first.next_cursor}`);
  expect([titles(second), second.next_cursor]).toEqual([['a'], null]);
});

onEachDatabase(
  'deleted_only lists and counts soft-deleted chats alone, whatever active_only says',
  async ({ ask }) => {
    const ids = await createAll(ask, ['a', 'b', 'c']);
    for (const title of ['a', 'c']) await ask('DELETE', `/chats/${ids.get(title)}`);
    for (const query of ['?deleted_only=true', '?deleted_only=true&active_only=true']) {
      const first = await list(ask, `${query}&limit=1`);
      expect([titles(first), first.total]).toEqual([['c'], 2]);
      const second = await list(ask, `${query}&limit=1&cursor=${first.next_cursor}`);
      expect([titles(second), second.next_cursor]).toEqual([['a'], null]);
    }
  },
);

onEachDatabase('skip counts from the cursor where there is one', async ({ ask }) => {
  await createAll(ask, ['a', 'b', 'c', 'd']);
  const { next_cursor: cursor } = await list(ask, '?limit=1');
  expect(titles(await list(ask, `?cursor=${cursor}&skip=1&limit=1`))).toEqual(['b']);
});

onEachDatabase(
  "a cursor of one user shows another user's place and none of their chats",
  async ({ app, ask }) => {
    await createAll(ask, ['a', 'b']);
    const stranger = asUser(app, newUser());
    await createAll(stranger, ['theirs']);
    const { next_cursor: cursor } = await list(ask, '?limit=1');
    expect(titles(await list(stranger, `?cursor=${cursor}`))).toEqual([]);
  },
);

onEachDatabase('the items page has positions and says whether there are more', async ({ ask }) => {
  const conversation = ['0', '1', '2', '3', '4', '5'].map((content) => ({ role: 'user', content }));
  const { chat_id: id } = (await ask('POST', '/chats', { title: 'Dice', conversation })).json();
  const page = async (query: string) => {
    const reply = await ask('GET', `/chats/${id}/items${query}`);
    expect(reply.statusCode, reply.body).toBe(200);
    const { items, has_more: more } = reply.json();
    return [items.map((item: { position: number }) => item.position), more];
  };
  const { title, items } = (await ask('GET', `/chats/${id}/items?limit=1`)).json();
  expect(title).toBe('Dice');
  expect(items).toStrictEqual([
    {
      position: 5,
      run_id: null,
      blocked: false,
      created_at: expect.stringMatching(/Z$/),
      feedback: null,
      item: conversation[5],
    },
  ]);
  expect(await page('')).toEqual([[0, 1, 2, 3, 4, 5], false]);
  expect(await page('?limit=6')).toEqual([[0, 1, 2, 3, 4, 5], false]);
  expect(await page('?limit=2')).toEqual([[4, 5], true]);
  expect(await page('?limit=2&before=4')).toEqual([[2, 3], true]);
  expect(await page('?limit=2&before=2')).toEqual([[0, 1], false]);
  expect(await page('?before=0')).toEqual([[], false]);
  expect(await page('?limit=2&after=0')).toEqual([[1, 2], true]);
  expect(await page('?limit=2&after=-1')).toEqual([[0, 1], true]);
  expect(await page('?limit=2&after=3')).toEqual([[4, 5], false]);
  expect(await page('?after=5')).toEqual([[], false]);
  expect(await page('?after=0&before=5')).toEqual([[1, 2, 3, 4], false]);
  expect(await page('?limit=1000')).toEqual([[0, 1, 2, 3, 4, 5], false]);
});

onEachDatabase('positions are never used twice, and items name the run that wrote them', async ({ ask }) => {
  const { session_id: id, run_id: runId } = (await ask('POST', '/chat/run', { input: 'hi' })).json();
  const positions = async () => {
    const { items } = (await ask('GET', `/chats/${id}/items`)).json();
    return items.map((item: { position: number; run_id: string }) => [item.position, item.run_id]);
  };
  expect(await positions()).toEqual([
    [0, runId],
    [1, runId],
  ]);
  await ask('PUT', `/chats/${id}`, { conversation: [{ role: 'user', content: 'new' }] });
  expect(await positions()).toEqual([[2, null]]);
});
