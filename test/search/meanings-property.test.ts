import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  deleteChat,
  type Embedder,
  getUserChats,
  hardDeleteChat,
  restoreChat,
  searchChats,
  updateChat,
} from '../../src/index.ts';
import { embedChats } from '../../src/search/meanings/embed-chats.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import { userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { MEANINGS, meaningOf, wordEmbedder } from './embedders.ts';

const anyStep = fc.record({
  chat: fc.nat(2),
  call: fc.constantFrom(
    ...([
      'say',
      'say',
      'create',
      'pop',
      'clear',
      'setAside',
      'select',
      'delete',
      'restore',
      'remove',
    ] as const),
    ...(['replace', 'compact', 'embed', 'embed', 'embed'] as const),
  ),
  words: fc.array(fc.constantFrom(...MEANINGS.flat(), 'other'), { minLength: 1, maxLength: 3 }),
});
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

async function take(db: Database, userId: string, embedder: Embedder, step: Step): Promise<void> {
  const items = step.words.map(userSays);
  if (step.call === 'embed') return embedChats(db, userId, embedder);
  if (step.call === 'create') {
    await createChat(db, userId, { conversation: items });
    return;
  }
  const chats = await getUserChats(db, userId, { activeOnly: false });
  const chatId = chats.map((chat) => chat.chatId).sort()[step.chat];
  if (chatId === undefined) return;
  const session = new DatabaseSession(chatId, db, { userId });
  if (step.call === 'say') await session.addItems(items);
  if (step.call === 'pop') await session.popItem();
  if (step.call === 'clear') await session.clearSession();
  if (step.call === 'compact') await session.replaceHistoryWithCompaction(items);
  if (step.call === 'replace') await updateChat(db, chatId, userId, { conversation: items });
  if (step.call === 'delete') await deleteChat(db, chatId, userId);
  if (step.call === 'restore') await restoreChat(db, chatId, userId);
  if (step.call === 'remove') await hardDeleteChat(db, chatId, userId);
  if (step.call === 'setAside') {
    const { items: all } = await getItemPage(db, chatId, userId, { limit: 1_000 });
    const middle = all[Math.floor(all.length / 2)]?.position;
    if (middle !== undefined) await session.setAside(middle);
  }
  if (step.call === 'select') {
    const other = (await session.listAlternatives()).find(({ isCurrent }) => !isCurrent);
    if (other !== undefined) await session.selectAlternative(other.alternativeId);
  }
}

/** A look at everything: what means the same as a word. */
async function findNaively(db: Database, userId: string, meaning: number): Promise<string[]> {
  const found: string[] = [];
  for (const { chatId } of await getUserChats(db, userId)) {
    const { items } = await getItemPage(db, chatId, userId, { limit: 1_000 });
    for (const { position, text } of items) {
      const { content } = JSON.parse(text ?? '{}');
      if (meaningOf(content) === meaning) found.push(`${chatId} ${position} ${content}`);
    }
  }
  return found.sort();
}

async function find(db: Database, userId: string, word: string, embedder: Embedder): Promise<string[]> {
  const { results } = await searchChats(db, userId, { query: word, embedder, limit: 50 });
  return results.map(({ chatId, position, snippet }) => `${chatId} ${position} ${snippet.text}`).sort();
}

describe.each(DATABASES)('a search by meaning on $name', ({ open }) => {
  it('finds what a look at everything finds, and before all is embedded nothing that is not so', {
    timeout: 240_000,
  }, async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 20, size: 'max' }), async (steps) => {
        const userId = newUser();
        const { embedder, failures } = wordEmbedder();
        for (const step of steps) {
          await take(db, userId, embedder, step);
          const [word = 'dragon'] = step.words;
          const naive = await findNaively(db, userId, meaningOf(word));
          // A word of no meaning is found by what it is.
          if (meaningOf(word) === -1) continue;
          expect(naive).toEqual(expect.arrayContaining(await find(db, userId, word, embedder)));
        }
        await embedChats(db, userId, embedder);
        for (const [meaning, [word = '']] of MEANINGS.entries()) {
          expect(await find(db, userId, word, embedder)).toEqual(await findNaively(db, userId, meaning));
        }
        expect(failures).toEqual([]);
      }),
      { numRuns: Number(process.env.SEARCH_RUNS ?? 15) },
    );
  });

  it('finds nothing by what an item said before it was changed in its place', async () => {
    const db = await open();
    const userId = newUser();
    const { embedder } = wordEmbedder();
    await createChat(db, userId, { conversation: [userSays('a wyrm')] });
    await embedChats(db, userId, embedder);
    expect(await find(db, userId, 'dragon', embedder)).toHaveLength(1);
    const text = 'update chat_items set item = $2::json where user_id = $1';
    await query(db, { userId, text, values: [userId, JSON.stringify(userSays('a tavern'))] });
    expect(await find(db, userId, 'dragon', embedder)).toEqual([]);
  });
});
