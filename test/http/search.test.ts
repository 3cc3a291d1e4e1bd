import { expect } from 'vitest';
import { createChat, deleteChat, restoreChat } from '../../src/index.ts';
import { agentSays, userSays } from '../session/items.ts';
import { asUser, onEachDatabase } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

onEachDatabase('a search tells the chat, the place and what fits of the text', async ({ db, user, ask }) => {
  const conversation = [userSays('Where does the gryphon nest?'), agentSays('On the <b>Spire</b>.')];
  const { chatId, createdAt } = await createChat(db, user, { title: 'A Gryphon’s Spire', conversation });
  const reply = await ask('GET', '/chats/search?q=spire');
  expect(reply.headers['cache-control']).toBe('private, no-store');
  const common = { chat_id: chatId, title: 'A Gryphon’s Spire', rank: expect.any(Number) };
  expect(reply.json()).toEqual({
    items: [
      {
        ...common,
        position: null,
        role: null,
        created_at: createdAt.toISOString(),
        snippet: { text: 'A Gryphon’s Spire', highlights: [{ start: 12, end: 17 }] },
      },
      {
        ...common,
        position: 1,
        role: 'assistant',
        created_at: expect.stringMatching(/^\d{4}-.*Z$/),
        snippet: { text: 'On the <b>Spire</b>.', highlights: [{ start: 10, end: 15 }] },
      },
    ],
    next_cursor: null,
    is_complete: true,
  });
  const { items } = (await ask('GET', `/chats/${chatId}/items?after=0&limit=1`)).json();
  expect(items[0].item.content[0].text).toContain('Spire');
});

onEachDatabase(
  'a search finds nothing of deleted chats, and of restored ones all again',
  async ({ db, user, ask }) => {
    const find = async () => (await ask('GET', '/chats/search?q=gryph')).json().items.length;
    const { chatId } = await createChat(db, user, { title: 'Gryphon', conversation: [userSays('gryphons')] });
    expect(await find()).toBe(2);
    await deleteChat(db, chatId, user);
    expect(await find()).toBe(0);
    await restoreChat(db, chatId, user);
    expect(await find()).toBe(2);
  },
);

onEachDatabase(
  'pages of a search go on where they ended, and nobody else’s chats are in them',
  async ({ app, db, user, ask }) => {
    const other = asUser(app, newUser());
    await other('POST', '/chats', { title: 'gryphon', conversation: [{ role: 'user', content: 'gryphon' }] });
    await createChat(db, user, {
      conversation: Array.from({ length: 7 }, (_, n) => userSays(`gryphon ${n}`)),
    });
    const found: number[] = [];
    let cursor = '';
    for (let pages = 0; pages < 4; pages += 1) {
      const page = (await ask('GET', `/chats/search?q=gryphon&limit=2${cursor}`)).json();
      found.push(...page.items.map(({ position }: { position: number }) => position));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    }
    expect(cursor).toBe('');
    // As well as each other: the newest first.
    expect(found).toEqual([6, 5, 4, 3, 2, 1, 0]);
  },
);

onEachDatabase('a search that is wrong is told which field is', async ({ ask }) => {
  const cursor = Buffer.from('[1,"x","y",{}]').toString('base64url');
  for (const [query, field] of [
    ['', 'q'],
    ['?q=', 'q'],
    [`?q=${'x'.repeat(501)}`, 'q'],
    ['?q=x&limit=0', 'limit'],
    ['?q=x&limit=51', 'limit'],
    ['?q=x&tools=1', 'tools'],
    [`?q=x&cursor=${cursor}`, 'cursor'],
    ['?q=x&cursor=bnVsbA', 'cursor'],
    ['?q=x&skip=1', 'skip'],
  ] as const) {
    const reply = await ask('GET', `/chats/search${query}`);
    expect([reply.statusCode, reply.json().errors?.[0]?.field], query).toEqual([400, field]);
  }
  // Nothing that anybody could have said: not wrong, while one types.
  expect((await ask('GET', '/chats/search?q=%22')).json()).toEqual({
    items: [],
    next_cursor: null,
    is_complete: true,
  });
});
