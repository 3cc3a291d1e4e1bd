import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../src/database/database.ts';
import { openDatabase } from '../src/database/open.ts';
import { migrate } from '../src/driver/migrate.ts';
import { DatabaseSession } from '../src/index.ts';
import { catchUp } from '../src/search/catch-up.ts';
import { searchChats } from '../src/search/search-chats.ts';
import { SearchIndexer } from '../src/search/search-indexer.ts';
import { asAdmin } from '../test/support/postgres-server.ts';
import { type Bench, createDatabase, settle } from './bench.ts';
import { cell, interleave, spread } from './measure.ts';
import { toItem } from './stores/questlog.ts';
import { turn } from './turn.ts';

const ITEMS_OF_CHAT = 40;
const WORDS = 60;
const VOCABULARY = 30_000;
/** The n-th word is in about so many of its messages: 1 / n of the most frequent one. */
const word = (rank: number) => `w${(rank * 7_919) % 100_003}`;

/** What is looked for, and how frequent it is. */
const QUERIES: readonly (readonly [name: string, query: string])[] = [
  ['a word that is nowhere', 'nowhere'],
  ['a rare word', word(20_000)],
  ['a word in one of fifty messages', word(260)],
  ['a word in one of ten', word(50)],
  ['a word in nearly all', word(1)],
  ['the beginning of most words', 'w'],
  ['three words', `${word(1)} ${word(30)} ${word(400)}`],
  ['two words one behind the other', `"${word(2)} ${word(9)}"`],
];

/** How long a search takes, and what appends pay for it. */
export async function measureSearch(bench: Bench): Promise<void> {
  const [some, many, others] = bench.quick ? [200, 2_000, 1_000] : [20_000, 200_000, 200_000];
  const url = await createDatabase(bench, 'search');
  const db = await openDatabase(url);
  await migrate(db);
  await addMessages(url, 'user-some', some);
  await addMessages(url, 'user-many', many);
  for (let user = 0; user < 20; user++) await addMessages(url, `user-${user}`, others / 20);
  const began = performance.now();
  for (const user of ['user-some', 'user-many', ...Array.from({ length: 20 }, (_, n) => `user-${n}`)]) {
    await catchUp(db, user, Number.POSITIVE_INFINITY);
  }
  const rate = (some + many + others) / ((performance.now() - began) / 1_000);
  await settle(url);
  await measureQueries(bench, db, { some, many, rate });
  await measureAppends(bench, db);
  await db.close();
}

async function measureQueries(
  bench: Bench,
  db: Database,
  { some, many, rate }: Readonly<Record<'some' | 'many' | 'rate', number>>,
): Promise<void> {
  const cells = QUERIES.flatMap(([, query]) => ['some', 'many'].map((user) => ({ query, user })));
  await interleave(cells, bench.quick ? 2 : 30, async ({ query, user }, round) => {
    const began = performance.now();
    await searchChats(db, `user-${user}`, { query });
    if (round > 0) bench.figures.add(`search/${user}/${query}`, performance.now() - began);
  });
  const fresh = new DatabaseSession(randomUUID(), db, { userId: 'user-many' });
  for (let round = 0; round < (bench.quick ? 2 : 30); round++) {
    await fresh.addItems([toItem({ role: 'user', text: `new${round} words` })]);
    const began = performance.now();
    const { results } = await searchChats(db, 'user-many', { query: `new${round}` });
    if (results.length !== 1) throw new Error('what was just written was not found');
    bench.figures.add('search/many/new', performance.now() - began);
  }
  const row = (name: string, query: string) => [
    name,
    ...['some', 'many'].map((user) => {
      const figure = bench.figures.get(`search/${user}/${query}`);
      return figure === undefined ? '–' : spread(figure);
    }),
  ];
  bench.tables.push({
    title: 'A search',
    columns: ['ms', ...[some, many].map((count) => `${count.toLocaleString('en')} messages of the user`)],
    rows: [...QUERIES.map(([name, query]) => row(name, query)), row('what was just written', 'new')],
    notes: [
      `Among as many of others. The index took in ${Math.round(rate).toLocaleString('en')} messages a second.`,
    ],
  });
}

/** Appends of eight writers to 200 chats, in slices of a second, without the indexer and with it. */
async function measureAppends(bench: Bench, db: Database): Promise<void> {
  const chats = Array.from({ length: 200 }, () => randomUUID());
  let turns = 0;
  const write = async (ms: number) => {
    const end = performance.now() + ms;
    let count = 0;
    const writer = async () => {
      while (performance.now() < end) {
        const session = new DatabaseSession(chats[turns % 200] as string, db, {
          userId: `user-${turns % 20}`,
        });
        await session.addItems(turn(turns++).map(toItem));
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    return (count / ms) * 1_000;
  };
  await write(500);
  await interleave(['without', 'with'], bench.quick ? 1 : 20, async (how) => {
    const indexer = how === 'with' ? new SearchIndexer({ db }) : undefined;
    indexer?.start();
    // It looks through all chats first.
    await sleep(bench.quick ? 50 : 3_000);
    await write(bench.quick ? 50 : 1_500);
    bench.figures.add(`search/append/${how}`, await write(bench.quick ? 100 : 1_500));
    await indexer?.close();
    await sleep(50);
  });
  bench.tables.push({
    title: 'Appends of eight writers to 200 chats',
    columns: ['', 'turns/s, and × of the first row'],
    rows: [
      ['nothing is indexed meanwhile', cell(bench.figures, 'search/append/without', 'search/append/without')],
      [
        'this process indexes what is written',
        cell(bench.figures, 'search/append/with', 'search/append/without'),
      ],
    ],
  });
}

/** Chats of 40 messages, of words as frequent as those of a language are. */
async function addMessages(url: string, userId: string, count: number): Promise<void> {
  await asAdmin(url, async (client) => {
    for (let first = 0; first < count; first += 2_000) {
      const rows = Array.from({ length: Math.min(2_000, count - first) }, (_, at) =>
        toMessage(userId, first + at),
      );
      await client.query(
        `with m as (select * from json_to_recordset($1::json) as m(chat_id text, position bigint, item json)),
          c as (insert into chats (chat_id, user_id, title, next_position)
            select distinct chat_id, $2, 'Chat ' || chat_id, $3::bigint from m on conflict do nothing returning chat_id)
        insert into chat_items (chat_id, position, user_id, item)
        select m.chat_id, m.position, $2, m.item from m left join c using (chat_id) order by m.chat_id, m.position`,
        [JSON.stringify(rows), userId, ITEMS_OF_CHAT],
      );
    }
  });
}

function toMessage(userId: string, nth: number) {
  const words = Array.from({ length: WORDS }, () => word(Math.floor(VOCABULARY ** Math.random())));
  return {
    chat_id: `${userId}-${Math.floor(nth / ITEMS_OF_CHAT)}`,
    position: nth % ITEMS_OF_CHAT,
    item: toItem({ role: nth % 2 === 0 ? 'user' : 'assistant', text: words.join(' ') }),
  };
}
