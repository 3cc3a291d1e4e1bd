import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { query } from '../../src/driver/driver.ts';
import {
  createChat,
  DatabaseSession,
  migrate,
  SearchIndexer,
  type StemLanguage,
  searchChats,
  updateChat,
} from '../../src/index.ts';
import { catchUp } from '../../src/search/catch-up.ts';
import { STEM_LANGUAGES } from '../../src/store/search/stems.ts';
import { agentSays, userSays } from '../session/items.ts';
import { asUser, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { bracket } from './bracket.ts';

/** What is found, as texts with their highlights in brackets. */
async function find(db: Database, userId: string, text: string, stems?: readonly StemLanguage[]) {
  const { results } = await searchChats(db, userId, { query: text, stems, limit: 50 });
  return results.map(({ snippet }) => bracket(snippet));
}

/** The rows of a user's index, each with the transaction that made it. */
async function rowsOf(db: Database, userId: string): Promise<string[]> {
  const text = 'select chat_id, position, xmin::text as made from search_entries where user_id = $1';
  const rows = await query(db, { userId, text, values: [userId] });
  return rows.map((row) => JSON.stringify(row)).sort();
}

/** Words of which those of one line have one stem, in English. */
const FAMILIES = [
  ['run', 'runs', 'running'],
  ['dragon', 'dragons', 'Dragons'],
  ['wish', 'wished', 'wishing', 'wishes'],
  ['city', 'cities', 'CITIES'],
  ['the', 'The'],
  ['of'],
  ['café', 'cafe', 'Cafés', 'cafes'],
  ['42', '４２'],
  ['自由'],
  ['🐉'],
];
const WORDS = FAMILIES.flat();
const familyOf = (word: string) => FAMILIES.findIndex((family) => family.includes(word));
/** Stems have no digits. */
const inLetters = (number: number) =>
  number.toString(16).replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
const anyWord = fc.constantFrom(...WORDS);

describe.each(DATABASES)('a search with stems on $name', ({ open, openEmpty }) => {
  it.each<[StemLanguage[], string, string, string[]]>([
    [['en'], 'runs', 'He was running', ['He was [running]']],
    [['en'], 'running', 'Run! He runs.', ['[Run]! He [runs].']],
    [['en'], 'cities', 'A city of cities', ['A [city] of [cities]']],
    // Of what is being typed the beginning is found at any letter.
    [['en'], 'migrati', 'Migrations, migrated', ['[Migrations], migrated']],
    [['en'], 'migration', 'Migrations, migrated', ['[Migrations], [migrated]']],
    [['en'], 'the', 'The end', ['[The] end']],
    // In quotation marks as it is written, and one behind the other.
    [['en'], '"runs"', 'He was running', []],
    [['en'], '"dark city"', 'dark cities', []],
    [['en'], '"dark cities"', 'the dark cities of', ['the [dark] [cities] of']],
    [['en'], '"dark cit', 'dark cities', ['[dark] [cities]']],
    // Without marks, joined words are one behind the other, whatever their endings.
    [['en'], 'dragon-rider', 'dragons riders, riders dragon', ['[dragons] [riders], riders dragon']],
    [['en'], "dragon's", 'the dragons s', ['the [dragons] [s]']],
    [['de'], 'häuser', 'Ein Haus am See', ['Ein [Haus] am See']],
    [['de'], 'hauser', 'Ein Haus', ['Ein [Haus]']],
    [['de'], 'haus', 'Die HÄUSER', ['Die [HÄUSER]']],
    [['fr'], 'mangée', 'manger', ['[manger]']],
    [['fr'], 'cafe', 'des cafés', ['des [cafés]']],
    [['es'], 'canciones', 'Una canción', ['Una [canción]']],
    [['es'], 'cancion', 'Las canciones', ['Las [canciones]']],
    [['ru'], 'новая', 'Новый год', ['[Новый] год']],
    [['en', 'de'], 'haus cities', 'Häuser in the city', ['[Häuser] in the [city]']],
    // German endings are none in English.
    [['en'], 'häuser', 'Ein Haus', []],
    [['en'], '自由', '人人生而自由', ['人人生而[自由]']],
    [['en'], '🐉', '🐉🐉', ['[🐉🐉]']],
    [['en'], 'x', "~enx '~enx' \\ | & !", []],
  ])('in %j for %s in %s finds %j', async (stems, text, said, found) => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays(said)] });
    expect(await find(db, userId, text, stems)).toEqual(found);
  });

  it('finds what a look at every word finds, without stems what it found before', {
    timeout: 120_000,
  }, async () => {
    const db = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyWord, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
        fc.array(anyWord, { minLength: 1, maxLength: 2 }),
        fc.array(fc.constantFrom<StemLanguage[]>([], ['en'], ['de'], ['en', 'fr']), { maxLength: 3 }),
        async (texts, words, befores) => {
          const userId = newUser();
          // Indexed piece by piece, by processes that want other stems.
          for (const [index, text] of texts.entries()) {
            const conversation = [userSays(text.join(' '))];
            if (index % 2 === 0) await createChat(db, userId, { conversation });
            else await new DatabaseSession(`${userId}-all`, db, { userId }).addItems(conversation);
            const stems = befores[index % Math.max(1, befores.length)] ?? [];
            await catchUp(db, userId, 60_000, { languages: stems });
          }
          const found = await find(db, userId, words.join(' '), ['en']);
          const expected = texts.filter((text) =>
            words.every((word) => text.some((other) => familyOf(other) === familyOf(word))),
          );
          expect(found.map((text) => text.replaceAll(/[[\]]/g, '')).sort()).toEqual(
            expected.map((text) => text.join(' ')).sort(),
          );
          for (const text of found) {
            const marked = [...text.matchAll(/\[(.+?)\]/gu)].flatMap(([, word = '']) => word);
            expect(marked.length, text).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: Number(process.env.SEARCH_RUNS ?? 15) },
    );
  });

  it('puts the word as it is written before others of its stem', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, {
      conversation: [userSays('he wished it'), userSays('a wish here'), userSays('wishing so much')],
    });
    expect((await find(db, userId, 'wished', ['en']))[0]).toBe('he [wished] it');
    expect((await find(db, userId, 'wishing', ['en']))[0]).toBe('[wishing] so much');
  });

  it('indexes anew what has other stems, also behind the search, and titles too', async () => {
    const db = await openEmpty();
    await migrate(db);
    const userId = newUser();
    const { chatId } = await createChat(db, userId, {
      title: 'Wishes',
      conversation: [userSays('two dragons'), agentSays('zwei Häuser')],
    });
    expect(await find(db, userId, 'wish', [])).toEqual(['[Wishes]']);
    expect(await find(db, userId, 'wished', [])).toEqual([]);
    expect(await find(db, userId, 'wished', ['en'])).toEqual(['[Wishes]']);
    expect(await find(db, userId, 'dragon', ['de'])).toEqual(['two [dragons]']);
    expect(await find(db, userId, 'haus', ['de'])).toEqual(['zwei [Häuser]']);
    await updateChat(db, chatId, userId, { title: 'Cities' });
    expect(await find(db, userId, 'city', ['en'])).toEqual(['[Cities]']);
    // Nobody searches: the indexer comes to it.
    const indexer = new SearchIndexer({ db, stems: ['fr'] });
    indexer.start();
    onTestFinished(() => indexer.close());
    const format = async () => {
      const text = 'select format from search_chats where user_id = $1';
      const [row] = await query<{ format: string }>(db, { userId, text, values: [userId] });
      return row?.format ?? '';
    };
    await expect.poll(format, { timeout: 20_000 }).toMatch(/\.1\+de\d+\+en\d+\+fr\d+$/);
  });

  it('ends in one index where processes want other stems, and each finds what it looks for', async () => {
    const db = await open();
    const userId = newUser();
    const chats = await Promise.all(
      Array.from({ length: 3 }, () =>
        createChat(db, userId, { conversation: [userSays('dragons'), userSays('Häuser')] }),
      ),
    );
    const settings: StemLanguage[][] = [[], ['en'], ['de'], ['de', 'en']];
    for (const stems of settings) await catchUp(db, userId, 60_000, { languages: stems });
    const made = await rowsOf(db, userId);
    for (const stems of [...settings, ...settings]) await catchUp(db, userId, 60_000, { languages: stems });
    expect(await rowsOf(db, userId)).toEqual(made);
    // What one without stems indexes, those with some find.
    const session = new DatabaseSession(chats[0]?.chatId ?? '', db, { userId });
    await session.addItems([userSays('a dragon’s house')]);
    await catchUp(db, userId, 60_000, { languages: [] });
    const after = await rowsOf(db, userId);
    expect(after.filter((row) => !made.includes(row))).toHaveLength(1);
    expect(await find(db, userId, 'dragon', ['en'])).toHaveLength(4);
    expect(await find(db, userId, 'haus', ['de'])).toHaveLength(3);
    expect(await find(db, userId, '"haus"', [])).toHaveLength(0);
    expect(await rowsOf(db, userId)).toEqual(after);
  });

  it('makes the index of another version of PostgreSQL anew', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays('dragons')] });
    await find(db, userId, 'dragon', ['en']);
    const made = await rowsOf(db, userId);
    const text = `update search_chats set format = regexp_replace(format, 'en[0-9]+', 'en9') where user_id = $1`;
    await query(db, { userId, text, values: [userId] });
    expect(await find(db, userId, 'dragon', ['en'])).toEqual(['[dragons]']);
    expect(await rowsOf(db, userId)).not.toEqual(made);
  });

  it('takes any text, of which the first words are found as they are written', async () => {
    const db = await open();
    const userId = newUser();
    const odd = [
      'a\u0000b \ud83d',
      'x'.repeat(300_000),
      Array.from({ length: 60_000 }, (_, n) => `wörds${inLetters(n)}ings`).join(' '),
      Array.from({ length: 60_000 }, (_, n) => `${'é'.repeat(30)}${inLetters(n)}ons`).join(' '),
      '漢'.repeat(50_000),
    ];
    await createChat(db, userId, { title: 'Odd', conversation: odd.map(userSays) });
    for (const text of ['b', 'x'.repeat(400), `wörds${inLetters(9)}ings`, 'wordsm', '漢漢漢']) {
      expect(await find(db, userId, text, ['en', 'fr', 'de', 'es']), text).not.toEqual([]);
    }
  });

  it('knows each language that it says', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays('words')] });
    for (const language of STEM_LANGUAGES) {
      expect(await find(db, userId, 'words', [language as StemLanguage])).toEqual(['[words]']);
    }
  });

  it.each([
    [['xx'], 'must be of ar, '],
    ['en', 'must be a list'],
    [['en', 'de', 'fr', 'es', 'it'], 'at most 4'],
    [['toString'], 'must be of'],
    [[5], 'must be of'],
  ])('refuses %j as stems', async (stems, message) => {
    const db = await open();
    const refusal = { code: 'invalid_request', message: expect.stringContaining(message) };
    await expect(searchChats(db, newUser(), { query: 'x', stems } as never)).rejects.toMatchObject(refusal);
    expect(() => new SearchIndexer({ db, stems } as never)).toThrow(message);
  });

  it('is what the server does that is told so', async () => {
    const db = await open();
    const userId = newUser();
    await createChat(db, userId, { conversation: [userSays('running')] });
    const server = await serverOn(db, { env: { QUESTLOG_SEARCH_STEMS: 'en' } });
    const reply = await asUser(server, userId)('GET', '/chats/search?q=runs');
    expect(reply.json().items).toMatchObject([
      { snippet: { text: 'running', highlights: [{ start: 0, end: 7 }] } },
    ]);
  });
});
