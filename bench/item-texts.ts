/**
 * In which form items go to the server: `npx tsx bench/item-texts.ts`. The append with each form, in turns, on a PostgreSQL
 * of its own and on PGlite; what came of it is in docs/decisions/023-item-texts.md.
 */
import { randomUUID } from 'node:crypto';
import { openDatabase } from '../src/database/open.ts';
import type { Queryable } from '../src/driver/driver.ts';
import { migrate } from '../src/driver/migrate.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { Figures, interleave, short } from './measure.ts';
import { toItem } from './stores/questlog.ts';
import { turn } from './turn.ts';

interface Form {
  readonly name: string;
  /** An item of the row `e(value, …, place)`, and what makes these rows of the parameters from `$4` on. */
  readonly item: string;
  readonly rows: string;
  readonly toValues: (texts: readonly string[]) => unknown[];
}

const join = (texts: readonly string[]) => `[${texts.join(',')}]`;
const measureBytes = (texts: readonly string[]) => texts.map((text) => Buffer.byteLength(text));

const FORMS: readonly Form[] = [
  {
    name: 'one JSON array',
    item: 'e.value',
    rows: 'json_array_elements($4::json) with ordinality as e(value, place)',
    toValues: (texts) => [join(texts)],
  },
  {
    name: 'one JSON array, and the bytes of each text',
    item: 'case when octet_length(e.value::text) = e.bytes then e.value end',
    rows: 'rows from (json_array_elements($4::json), unnest($5::int[])) with ordinality as e(value, bytes, place)',
    toValues: (texts) => [join(texts), measureBytes(texts)],
  },
  {
    name: 'text[]',
    item: 'e.value::json',
    rows: 'unnest($4::text[]) with ordinality as e(value, place)',
    toValues: (texts) => [texts],
  },
  {
    name: 'text[], its literal made by JSON.stringify',
    item: 'e.value::json',
    rows: 'unnest($4::text[]) with ordinality as e(value, place)',
    toValues: (texts) => [`{${texts.map((text) => JSON.stringify(text)).join(',')}}`],
  },
  {
    name: 'JSON array of the texts',
    item: 'e.value::json',
    rows: 'json_array_elements_text($4::json) with ordinality as e(value, place)',
    toValues: (texts) => [JSON.stringify(texts)],
  },
];

const toStatement = ({ item, rows }: Form) => `with chat as (
    update chats set next_position = next_position + $3
    where chat_id = $1 and user_id = coalesce($2, user_id)
    returning chat_id, user_id, next_position - $3 as first
  )
  insert into chat_items (chat_id, position, user_id, item)
  select chat.chat_id, chat.first + e.place - 1, chat.user_id, ${item} from chat, ${rows}
  returning user_id as "userId"`;

const toTexts = (turns: number) =>
  Array.from({ length: turns }, (_, index) =>
    turn(index).map((message) => JSON.stringify(toItem(message))),
  ).flat();
const large = Array.from({ length: 5_000 }, (_, index) => turn(index)[1]?.text.padEnd(990, '"é\n')).join('');
const LOADS = [
  { name: '2 items of 120 and 900 bytes', texts: toTexts(1), rounds: 3_000 },
  { name: '1,000 such items', texts: toTexts(500), rounds: 60 },
  { name: 'an item of 5 MB', texts: [JSON.stringify({ role: 'user', content: large })], rounds: 20 },
];
const CHATS = 200;

async function measure(engine: string, db: Queryable): Promise<void> {
  const chats = Array.from({ length: CHATS }, () => randomUUID());
  const text = `insert into chats (chat_id, user_id) select unnest($1::text[]), 'bench'`;
  await db.query({ text, values: [chats] });
  for (const { name, texts, rounds } of LOADS) {
    const figures = new Figures();
    await interleave(FORMS, rounds, async (form, round) => {
      const began = performance.now();
      const values = [chats[round % CHATS], 'bench', texts.length, ...form.toValues(texts)];
      await db.query({ name: `append ${FORMS.indexOf(form)}`, text: toStatement(form), values });
      figures.add(form.name, performance.now() - began);
    });
    for (const form of FORMS) {
      const { median, low } = figures.get(form.name) ?? { median: 0, low: 0 };
      const ratio = figures.ratio(FORMS[0]?.name ?? '', form.name) ?? 0;
      console.log(
        `${engine} | ${name} | ${form.name} | ${short(ratio)} × | ${short(median)} ms, ${short(low)}`,
      );
    }
  }
}

const server = await startPostgres(['fsync=off']);
try {
  for (const [engine, url] of [
    ['PostgreSQL', server.url],
    ['PGlite', 'memory://'],
  ] as const) {
    const db = await openDatabase(url);
    await migrate(db);
    await measure(engine, db);
    await db.close();
  }
} finally {
  await server.stop();
}
