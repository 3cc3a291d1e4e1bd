import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  deleteUserData,
  type Embedder,
  hardDeleteChat,
  migrate,
  SearchIndexer,
  searchChats,
} from '../../src/index.ts';
import { embedChats } from '../../src/search/meanings/embed-chats.ts';
import { copyChats } from '../../src/store/copy.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser, SERVER } from '../support/databases.ts';
import { recording } from '../support/recording-driver.ts';
import { bracket } from './bracket.ts';
import { wordEmbedder } from './embedders.ts';

/** What is found, as texts with their highlights in brackets. */
async function find(db: Database, userId: string, text: string, embedder: Embedder): Promise<string[]> {
  const { results } = await searchChats(db, userId, { query: text, embedder, limit: 50 });
  return results.map(({ snippet }) => bracket(snippet));
}

async function countEmbeddings(db: Database, userId: string): Promise<number> {
  const text = 'select count(*)::int as count from search_embeddings where user_id = $1';
  const [row] = await query<{ count: number }>(db, { userId, text, values: [userId] });
  return row?.count ?? 0;
}

describe.each(DATABASES)('a search by meaning on $name', ({ open, openEmpty }) => {
  it('finds what means the same, with its place, after what has the words, too', async () => {
    const db = await open();
    const [userId, other] = [newUser(), newUser()];
    const { embedder, asked } = wordEmbedder();
    const conversation = [userSays('A dragon!'), agentSays('The wyrm sleeps.'), userSays('To the tavern')];
    const { chatId } = await createChat(db, userId, { title: 'Hoard', conversation });
    await createChat(db, other, { conversation: [userSays('a drake of another')] });
    for (const user of [userId, other]) await embedChats(db, user, embedder);
    expect(asked).toEqual(['A dragon!', 'The wyrm sleeps.', 'To the tavern', 'a drake of another']);
    const { results } = await searchChats(db, userId, { query: 'dragon', embedder });
    expect(results).toMatchObject([
      { chatId, title: 'Hoard', position: 0, role: 'user', snippet: { text: 'A dragon!', highlights: [{}] } },
      { chatId, position: 1, role: 'assistant', snippet: { text: 'The wyrm sleeps.', highlights: [] } },
    ]);
    expect(results[0]?.rank).toBeGreaterThan(results[1]?.rank ?? 1);
    expect(await find(db, userId, 'treasure', embedder)).toEqual([]);
    expect(await find(db, userId, 'hoard', embedder)).toEqual(['[Hoard]']);
    // In quotation marks as it is written, and nobody is asked what it means.
    const before = asked.length;
    expect(await find(db, userId, '"drake"', embedder)).toEqual([]);
    expect(asked).toHaveLength(before);
  });

  it('gives pages that go on where they ended, each result once', async () => {
    const db = await open();
    const userId = newUser();
    const { embedder } = wordEmbedder();
    const conversation = Array.from({ length: 12 }, (_, n) =>
      userSays(n % 2 === 0 ? `dragon ${n}` : `wyrm ${n}`),
    );
    await createChat(db, userId, { conversation });
    await embedChats(db, userId, embedder);
    const found: number[] = [];
    let after: Awaited<ReturnType<typeof searchChats>>['next'];
    do {
      const page = await searchChats(db, userId, { query: 'dragon', embedder, limit: 5, after });
      found.push(...page.results.map(({ position }) => position ?? -1));
      after = page.next;
    } while (after !== undefined);
    expect(found.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(found.slice(0, 6).every((position) => position % 2 === 0)).toBe(true);
  });

  it.each<[string, Partial<Embedder>]>([
    [
      'is refused',
      { embed: () => Promise.reject(Object.assign(new Error('secret words'), { status: 429 })) },
    ],
    [
      'throws',
      {
        embed: () => {
          throw new Error('secret words');
        },
      },
    ],
    ['gives fewer', { embed: async () => [] }],
    ['gives other dimensions', { embed: async (texts) => texts.map(() => [1, 2]) }],
    ['gives NaN', { embed: async (texts) => texts.map(() => Array.from({ length: 32 }, () => Number.NaN)) }],
    ['gives zeros', { embed: async (texts) => texts.map(() => Array.from({ length: 32 }, () => 0)) }],
    ['gives nothing', { embed: async () => undefined as never }],
    ['never answers', { embed: () => new Promise<never>(() => undefined) }],
  ])('finds by words where the embedder %s, which is said', async (how, broken) => {
    const db = await open();
    const userId = newUser();
    const { embedder, failures } = wordEmbedder(broken);
    await createChat(db, userId, { conversation: [userSays('dragon secret'), userSays('wyrm')] });
    expect(await find(db, userId, 'dragon', embedder)).toEqual(['[dragon] secret']);
    expect(failures).toHaveLength(1);
    if (how === 'never answers') return;
    await expect(embedChats(db, userId, embedder)).rejects.toThrow();
    expect(await countEmbeddings(db, userId)).toBe(0);
    // As soon as it works again it goes on.
    await embedChats(db, userId, wordEmbedder().embedder);
    expect(await countEmbeddings(db, userId)).toBe(2);
  });

  it('goes on with other chats where a text is refused', async () => {
    const db = await open();
    const [userId, working] = [newUser(), wordEmbedder().embedder];
    const { embedder } = wordEmbedder({
      embed: async (texts, signal) => {
        if (texts.some((text) => text.includes('poison'))) throw new Error('refused');
        return working.embed(texts, signal);
      },
    });
    for (const text of ['a wyrm', 'poison', 'a drake'])
      await createChat(db, userId, { conversation: [userSays(text)] });
    await expect(embedChats(db, userId, embedder)).rejects.toThrow('refused');
    expect(await countEmbeddings(db, userId)).toBe(2);
    expect(await find(db, userId, 'dragon', embedder)).toHaveLength(2);
  });

  it('embeds what changed, and nothing again', async () => {
    const db = await open();
    const userId = newUser();
    const { embedder, asked } = wordEmbedder();
    const conversation = Array.from({ length: 250 }, (_, n) => userSays(`dragon ${n}`));
    const { chatId } = await createChat(db, userId, { conversation });
    await embedChats(db, userId, embedder);
    expect(asked).toHaveLength(250);
    const session = new DatabaseSession(chatId, db, { userId });
    await session.popItem();
    await session.addItems([userSays('the wyrm'), userSays('...'), agentSays('  ')]);
    const text = `update search_embedded set version = version - interval '1 hour' where user_id = $1`;
    await query(db, { userId, text, values: [userId] });
    await embedChats(db, userId, embedder);
    expect(asked.slice(250)).toEqual(['the wyrm']);
    expect(await countEmbeddings(db, userId)).toBe(250);
    await session.clearSession();
    expect(await find(db, userId, 'wyrm', embedder)).toEqual([]);
    await embedChats(db, userId, embedder);
    expect(await countEmbeddings(db, userId)).toBe(0);
  });

  it('embeds all anew for another model, and finds by none that is not its own', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays('a wyrm'), userSays('a tavern')] });
    await embedChats(db, userId, wordEmbedder().embedder);
    const next = wordEmbedder({ model: 'words-2' });
    expect(await find(db, userId, 'drake', next.embedder)).toEqual([]);
    await embedChats(db, userId, next.embedder);
    expect(next.asked).toEqual(['drake', 'a wyrm', 'a tavern']);
    expect(await find(db, userId, 'drake', next.embedder)).toEqual(['a wyrm']);
    const wide = wordEmbedder({
      dimensions: 8,
      embed: async (texts) => texts.map(() => [1, 1, 1, 1, 1, 1, 1, 1]),
    });
    expect(await find(db, userId, 'drake', wide.embedder)).toEqual([]);
    await embedChats(db, userId, wide.embedder);
    expect(await find(db, userId, 'drake', wide.embedder)).toHaveLength(2);
  });

  it('is asked once for each text by several processes', async () => {
    const db = await open();
    const userId = newUser();
    for (let chat = 0; chat < 6; chat += 1) {
      await createChat(db, userId, { conversation: [userSays(`dragon ${chat}`), userSays(`gold ${chat}`)] });
    }
    const { embedder, asked } = wordEmbedder();
    await Promise.all(Array.from({ length: 4 }, () => embedChats(db, userId, embedder)));
    expect(asked.toSorted()).toEqual([...new Set(asked)].toSorted());
    expect(asked).toHaveLength(12);
  });

  it('goes with the chat and with the user, and is copied', async () => {
    const db = await openEmpty();
    await migrate(db);
    const [userId, other] = [newUser(), newUser()];
    const { embedder } = wordEmbedder();
    const { chatId } = await createChat(db, userId, { conversation: [userSays('a wyrm')] });
    await createChat(db, other, { conversation: [userSays('a drake')] });
    for (const user of [userId, other]) await embedChats(db, user, embedder);
    const target = await SERVER.openEmpty();
    await migrate(target);
    await copyChats(db, target);
    expect(await find(target, userId, 'dragon', embedder)).toEqual(['a wyrm']);
    await hardDeleteChat(db, chatId, userId);
    expect(await countEmbeddings(db, userId)).toBe(0);
    await deleteUserData(db, other);
    expect(await countEmbeddings(db, other)).toBe(0);
  });

  it('is filled in the background, also after failures', async () => {
    const db = await openEmpty();
    await migrate(db);
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays('a wyrm')] });
    const working = wordEmbedder();
    let calls = 0;
    const { embedder, failures } = wordEmbedder({
      embed: async (texts, signal) => {
        calls += 1;
        if (calls === 1) throw new Error('429');
        return working.embedder.embed(texts, signal);
      },
    });
    const indexer = new SearchIndexer({ db, embedder });
    indexer.start();
    onTestFinished(() => indexer.close());
    await expect.poll(() => countEmbeddings(db, userId), { timeout: 20_000 }).toBe(1);
    expect(failures).toHaveLength(1);
    await createChat(db, userId, { conversation: [userSays('a drake')] });
    await expect.poll(() => countEmbeddings(db, userId), { timeout: 20_000 }).toBe(2);
  });

  it('costs nothing where there is no embedder', async () => {
    const { db, sent } = recording(await openEmpty());
    await migrate(db);
    const before = sent.length;
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { conversation: [userSays('a wyrm')] });
    const indexer = new SearchIndexer({ db });
    indexer.start();
    await new DatabaseSession(chatId, db, { userId }).addItems([userSays('dragon')]);
    expect((await searchChats(db, userId, { query: 'dragon' })).results).toHaveLength(1);
    await indexer.close();
    expect(sent.slice(before).filter(({ text }) => /search_embedded|search_embeddings/.test(text))).toEqual(
      [],
    );
  });

  it.each<[unknown, string]>([
    [5, 'embedder'],
    [{ model: '', dimensions: 8, embed: async () => [] }, 'model must'],
    [{ model: 'm', dimensions: 0, embed: async () => [] }, 'dimensions must'],
    [{ model: 'm', dimensions: 5_000, embed: async () => [] }, 'at most 4096'],
    [{ model: 'm', dimensions: 8, embed: 'm' }, 'embed must'],
    [{ model: 'm', dimensions: 8, embed: async () => [], minLikeness: 2 }, 'minLikeness must'],
  ])('refuses %j, naming what is wrong', async (embedder, message) => {
    const search = searchChats(await open(), newUser(), { query: 'x', embedder: embedder as never });
    const refusal = { code: 'invalid_request', message: expect.stringContaining(message) };
    await expect(search).rejects.toMatchObject(refusal);
  });
});
