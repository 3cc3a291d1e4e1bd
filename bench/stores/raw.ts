import type pg from 'pg';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { Message } from '../turn.ts';
import { toItem } from './questlog.ts';
import { openPool, type Store } from './store.ts';

/** What the statements need to know of the tables. */
interface Tables {
  readonly append: string;
  readonly load: string;
  readonly pop: string;
}

const append = (counter: string, position: string) => `with chat as (
    insert into chats as c (chat_id, user_id, ${counter}) values ($1, 'bench', $2)
    on conflict (chat_id) do update set ${counter} = c.${counter} + $2 where c.user_id = 'bench'
    returning chat_id, user_id, ${counter} - $2 as first
  )
  insert into chat_items (chat_id, ${position}, user_id, item)
  select chat_id, first + place - 1, user_id, value
  from chat, json_array_elements($3::json) with ordinality as e(value, place) returning user_id`;

/** The statement on the smallest tables, and on Questlog's. */
export const APPEND = {
  smallest: append('item_count', 'seq'),
  questlog: append('next_position', 'position'),
};

const statements = (counter: string, position: string): Tables => ({
  append: append(counter, position),
  load: `select item from chat_items where chat_id = $1 and user_id = 'bench' order by ${position} desc limit $2`,
  pop: `delete from chat_items where chat_id = $1 and user_id = 'bench'
    and ${position} = (select max(${position}) from chat_items where chat_id = $1) returning item`,
});

const SMALLEST = `
  create table chats (chat_id text primary key, user_id text not null, item_count bigint not null default 0,
    updated_at timestamptz not null default now());
  create table chat_items (chat_id text not null, seq bigint not null, user_id text not null, item json not null,
    primary key (chat_id, seq));`;

export async function createSmallest(pool: pg.Pool): Promise<void> {
  await pool.query(SMALLEST);
}

/**
 * The lower bound: the `pg` driver with one named statement an operation, on the smallest tables that keep the order of
 * concurrent writers. No foreign key, no trigger, no index but the keys, no check of anything, `JSON.stringify` and
 * the driver's own `JSON.parse`.
 */
export async function openRaw(url: string): Promise<Store> {
  const pool = openPool(url);
  await createSmallest(pool);
  return rawStore(pool, statements('item_count', 'seq'));
}

/** The same by hand on Questlog's tables, with their indexes and trigger: what Questlog's code costs. */
export async function openRawOnQuestlog(url: string): Promise<Store> {
  const db = await openDatabase(url, { poolSize: 1 });
  await migrate(db);
  await db.close();
  return rawStore(openPool(url), statements('next_position', 'position'));
}

function rawStore(pool: pg.Pool, { append: text, load, pop }: Tables): Store {
  const write = async (chat: string, messages: readonly Message[]) => {
    const items = JSON.stringify(messages.map(toItem));
    await pool.query({ name: 'append', text, values: [chat, messages.length, items] });
  };
  const read = async (chat: string, limit: number | null) => {
    const { rows } = await pool.query<{ item: object }>({ name: 'load', text: load, values: [chat, limit] });
    return rows.map(({ item }) => item).reverse().length;
  };
  return {
    seed: write,
    append: write,
    load: (chat) => read(chat, null),
    last: read,
    pop: async (chat) => {
      // The chat's row first, in its own statement, or concurrent writers break the chat.
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query({
          name: 'lock',
          text: `select 1 from chats where chat_id = $1 and user_id = 'bench' for update`,
          values: [chat],
        });
        const { rows } = await client.query<{ item: object }>({ name: 'pop', text: pop, values: [chat] });
        await client.query('commit');
        return rows[0]?.item;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
