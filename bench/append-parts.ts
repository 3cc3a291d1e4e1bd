import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { openDatabase } from '../src/database/open.ts';
import { migrate } from '../src/driver/migrate.ts';
import { type Bench, createDatabase, settle } from './bench.ts';
import { cell, interleave } from './measure.ts';
import { toItem } from './stores/questlog.ts';
import { APPEND, createSmallest } from './stores/raw.ts';
import { openPool } from './stores/store.ts';
import { turn } from './turn.ts';

interface Part {
  readonly name: string;
  readonly label: string;
  /** What is taken off Questlog's tables. */
  readonly without?: string;
  /** It leaves the chat's row alone and is told the position. */
  readonly insertsOnly?: boolean;
}

const INSERT = `insert into chat_items (chat_id, position, user_id, item)
  select $1, $2::bigint + place - 1, 'bench', value from json_array_elements($3::json) with ordinality as e(value, place)`;

const FOREIGN_KEY = 'alter table chat_items drop constraint chat_items_of_chat;';
const TRIGGER = 'drop trigger touch_updated_at on chats;';
const INDEXES = `drop index idx_user_chats; drop index idx_active_chats; drop index idx_recent_chats;
  drop index idx_deleted_chats; alter table chats drop column updated_minute;`;

const PARTS: readonly Part[] = [
  { name: 'whole', label: 'Questlog’s tables', without: '' },
  { name: 'foreign-key', label: 'without the foreign key of items to their chat', without: FOREIGN_KEY },
  { name: 'trigger', label: 'without the trigger that keeps `updated_at`', without: TRIGGER },
  { name: 'indexes', label: 'without the indexes for lists', without: INDEXES },
  { name: 'bare', label: 'without all of these', without: FOREIGN_KEY + TRIGGER + INDEXES },
  {
    name: 'insert',
    label: 'Questlog’s tables, but the items only: nothing of the chat changes, nothing orders writers',
    without: '',
    insertsOnly: true,
  },
  { name: 'smallest', label: 'the smallest tables, of the row “raw `pg`”' },
];

const CHATS = 200;
/** Of others, so that PostgreSQL goes by its indexes, as on a database that is used. */
const NEIGHBOURS = 20_000;

/** What of an append's time is which guarantee of the tables: the same statement through the raw driver on each. */
export async function measureAppendParts(bench: Bench): Promise<void> {
  const chats = Array.from({ length: CHATS }, () => randomUUID());
  const ready: { part: Part; pool: pg.Pool; text: string }[] = [];
  for (const part of PARTS) {
    const url = await createDatabase(bench, `parts_${part.name.replace('-', '_')}`);
    const pool = openPool(url);
    if (part.without === undefined) await createSmallest(pool);
    else {
      const db = await openDatabase(url, { poolSize: 1 });
      await migrate(db);
      await db.exec(part.without);
      await db.close();
    }
    await pool.query(
      `insert into chats (chat_id, user_id) select gen_random_uuid(), 'user-' || n % 1000 from generate_series(1, $1::int) n`,
      [NEIGHBOURS],
    );
    await pool.query(`insert into chats (chat_id, user_id) select unnest($1::text[]), 'bench'`, [chats]);
    await settle(url);
    const text = part.without === undefined ? APPEND.smallest : part.insertsOnly ? INSERT : APPEND.questlog;
    ready.push({ part, pool, text });
  }
  let turns = 0;
  // Call by call in turns: the differences are smaller than what the machine does from one second to the next.
  await interleave(ready, bench.quick ? 20 : 1_500, async ({ part, pool, text }, round) => {
    const items = turn(turns++).map(toItem);
    const second = part.insertsOnly ? round * items.length : items.length;
    const values = [chats[round % CHATS], second, JSON.stringify(items)];
    const began = performance.now();
    await pool.query({ name: 'append', text, values });
    if (bench.quick || round >= CHATS) bench.figures.add(`parts/${part.name}`, performance.now() - began);
  });
  for (const { pool } of ready) await pool.end();
  bench.tables.push({
    title: 'What an append pays the tables for',
    columns: ['the same statement through the raw driver', 'ms, and × of the first row'],
    rows: PARTS.map(({ name, label }) => [label, cell(bench.figures, `parts/${name}`, 'parts/whole')]),
  });
}
