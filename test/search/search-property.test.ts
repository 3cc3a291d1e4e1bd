import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import { newId } from '../../src/ids.ts';
import {
  createChat,
  DatabaseSession,
  deleteChat,
  getUserChats,
  hardDeleteChat,
  rateItem,
  restoreChat,
  searchChats,
  updateChat,
} from '../../src/index.ts';
import { getItemPage } from '../../src/store/items/item-page.ts';
import { agentSays, userSays } from '../session/items.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { findNaively, LINES, type Part, type Text, toQuery, toText, WORDS } from './model.ts';

const anyText: fc.Arbitrary<Text> = fc.array(
  fc.record({ word: fc.constantFrom(...WORDS, ...LINES), form: fc.nat(3) }),
  { minLength: 1, maxLength: 5 },
);

const anyWord = fc.constantFrom(...WORDS);
const anyPart: fc.Arbitrary<Part> = fc.oneof(
  anyWord.map((word) => ({ kind: 'word' as const, word })),
  fc.tuple(anyWord, anyWord).map((words) => ({ kind: 'phrase' as const, words })),
  fc
    .tuple(fc.constantFrom(...LINES), fc.nat(8), fc.integer({ min: 1, max: 5 }))
    .map(([line, from, length]) => {
      const letters = line.match(/.\p{M}*/gsu) ?? [];
      const first = from % letters.length;
      return { kind: 'line' as const, text: letters.slice(first, first + length).join('') };
    }),
);
/** The last word may be a beginning. */
const anyParts = fc
  .tuple(
    fc.array(anyPart, { maxLength: 1 }),
    fc.oneof(
      anyPart,
      anyWord.map((word) => ({ kind: 'prefix' as const, word: [...word].slice(0, 3).join('') })),
    ),
  )
  .map(([parts, last]) => [...parts, last]);

/** On which of the user's chats: the n-th, whichever that is. */
const anyStep = fc.record({
  user: fc.nat(1),
  chat: fc.nat(2),
  call: fc.constantFrom(
    ...([
      'say',
      'say',
      'say',
      'say',
      'call',
      'answer',
      'create',
      'pop',
      'clear',
      'setAside',
      'select',
      'delete',
    ] as const),
    ...([
      'restore',
      'remove',
      'rename',
      'replace',
      'mutate',
      'mutate',
      'compact',
      'rate',
      'age',
      'forget',
      'search',
      'search',
    ] as const),
  ),
  texts: fc.array(anyText, { minLength: 1, maxLength: 3 }),
  parts: anyParts,
  tools: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer S> ? S : never;

/** All pages of a search, three results at a time. */
async function findAll(
  db: Database,
  userId: string,
  parts: readonly Part[],
  tools: boolean,
): Promise<string[]> {
  const found: string[] = [];
  const ranks: number[] = [];
  let after: Awaited<ReturnType<typeof searchChats>>['next'];
  // On a busy machine there is not always time for all.
  while (!(await searchChats(db, userId, { query: toQuery(parts) })).isComplete);
  do {
    const page = await searchChats(db, userId, { query: toQuery(parts), tools, limit: 3, after });
    for (const { chatId, position, rank, snippet } of page.results) {
      found.push(`${chatId} ${position ?? 'title'}`);
      ranks.push(rank);
      // What is found says where.
      expect(snippet.highlights.length, JSON.stringify([snippet, parts])).toBeGreaterThan(0);
    }
    after = page.next;
  } while (after !== undefined);
  expect(ranks).toEqual(ranks.toSorted((one, other) => other - one));
  return found.sort();
}

async function take(db: Database, userId: string, { call, chat, texts, parts, tools }: Step): Promise<void> {
  const [text = '', ...others] = texts.map(toText);
  if (call === 'create') {
    await createChat(db, userId, { title: text, conversation: others.map(userSays) });
    return;
  }
  if (call === 'search') {
    expect(await findAll(db, userId, parts, tools)).toEqual(await findNaively(db, userId, parts, tools));
    return;
  }
  const chats = (await getUserChats(db, userId, { activeOnly: false })).sort((a, b) =>
    a.chatId < b.chatId ? -1 : 1,
  );
  const chatId = chats[chat]?.chatId ?? newId();
  const session = new DatabaseSession(chatId, db, { userId });
  if (call === 'say') await session.addItems([text, ...others].map(userSays));
  if (call === 'answer') await session.addItems([agentSays(text)]);
  if (call === 'call') {
    const callId = newId();
    const name = 'look';
    await session.addItems([
      { type: 'function_call', callId, name, status: 'completed', arguments: JSON.stringify({ text }) },
    ]);
  }
  if (call === 'mutate') {
    const called = (await session.getItems()).find(({ type }) => type === 'function_call');
    if (called?.type !== 'function_call') return;
    const replacement = { ...called, arguments: JSON.stringify({ text }) };
    await session.applyHistoryMutations({
      mutations: [{ type: 'replace_function_call', callId: called.callId, replacement }],
    });
  }
  if (call === 'pop') await session.popItem();
  if (call === 'clear') await session.clearSession();
  if (call === 'compact') await session.replaceHistoryWithCompaction(others.map(userSays));
  if (chats[chat] === undefined) return;
  const { items } = await getItemPage(db, chatId, userId, { limit: 1_000 });
  const middle = items[Math.floor(items.length / 2)]?.position;
  if (call === 'setAside' && middle !== undefined) await session.setAside(middle);
  if (call === 'rate' && middle !== undefined) await rateItem(db, chatId, userId, middle, { rating: 'up' });
  if (call === 'select') {
    const other = (await session.listAlternatives()).find(({ isCurrent }) => !isCurrent);
    if (other !== undefined) await session.selectAlternative(other.alternativeId);
  }
  if (call === 'delete') await deleteChat(db, chatId, userId);
  if (call === 'restore') await restoreChat(db, chatId, userId);
  if (call === 'remove') await hardDeleteChat(db, chatId, userId);
  if (call === 'rename') await updateChat(db, chatId, userId, { title: others.length > 0 ? text : null });
  if (call === 'replace') await updateChat(db, chatId, userId, { conversation: others.map(userSays) });
  // As if it had been indexed long ago, by another version, or not at all.
  const where = 'where user_id = $1 and chat_id = $2';
  const values = [userId, chatId];
  if (call === 'age') {
    const text = `update search_chats set version = version - interval '1 hour' ${where}`;
    await query(db, { userId, text, values });
    // What a later change of another item leaves of an earlier one.
    const forgotten = `update chats set rewritten_from = 1000000 ${where} and rewritten_at is not null`;
    await query(db, { userId, text: forgotten, values });
  }
  if (call === 'forget') {
    const text =
      others.length > 0
        ? `delete from search_chats ${where}`
        : `update search_chats set format = 'old' ${where}`;
    await query(db, { userId, text, values });
  }
}

describe.each(DATABASES)('a search on $name', ({ open }) => {
  it('finds what a look at everything that the user’s chats say finds, whatever happened to them', {
    timeout: 240_000,
  }, async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 25, size: 'max' }), async (steps) => {
        const users = [newUser(), newUser()] as const;
        for (const step of steps) await take(db, users[step.user] as string, step);
        const all: Part[] = [
          ...WORDS.map((word) => ({ kind: 'word' as const, word })),
          ...LINES.map((text) => ({ kind: 'line' as const, text })),
        ];
        for (const userId of users) {
          for (const part of all) {
            expect(await findAll(db, userId, [part], true)).toEqual(
              await findNaively(db, userId, [part], true),
            );
          }
        }
      }),
      { numRuns: Number(process.env.SEARCH_RUNS ?? 15) },
    );
  });
});
