import type pg from 'pg';
import type { Message } from '../turn.ts';
import { toItem } from './questlog.ts';
import { openPool, type Store } from './store.ts';

const TABLE = `
  create table chats (chat_id text primary key, user_id text not null, title text, conversation jsonb not null,
    is_active boolean not null default true, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now());
  create index idx_user_chats on chats (user_id, created_at);
  create index idx_active_chats on chats (user_id, is_active);`;

const WRITE = `insert into chats (chat_id, user_id, conversation) values ($1, 'bench', $2::jsonb)
  on conflict (chat_id) do update set conversation = excluded.conversation, updated_at = now()`;
const CONCATENATE = `update chats set conversation = conversation || $2::jsonb, updated_at = now() where chat_id = $1`;
const DROP_LAST = `update chats set conversation = conversation - -1, updated_at = now() where chat_id = $1
  returning (select old.conversation -> -1 from chats old where old.chat_id = $1)`;

/** The seed's design: the whole conversation in one JSONB column, read, changed and written back. */
export async function openReadModifyWrite(url: string): Promise<Store> {
  const pool = openPool(url);
  await pool.query(TABLE);
  const change = (chat: string, edit: (items: object[]) => unknown) =>
    inTransaction(pool, async (client) => {
      const items = await conversationOf(client, chat);
      const result = edit(items);
      await client.query({ name: 'write', text: WRITE, values: [chat, JSON.stringify(items)] });
      return result;
    });
  return {
    ...readers(pool),
    seed: (chat, messages) => seed(pool, chat, messages),
    append: async (chat, messages) => {
      await change(chat, (items) => items.push(...messages.map(toItem)));
    },
    pop: (chat) => change(chat, (items) => items.pop()),
    close: () => pool.end(),
  };
}

/** The same column, appended to by the database: `conversation || turn`. */
export async function openConcatenation(url: string): Promise<Store> {
  const pool = openPool(url);
  await pool.query(TABLE);
  return {
    ...readers(pool),
    seed: (chat, messages) => seed(pool, chat, messages),
    append: async (chat, messages) => {
      const values = [chat, JSON.stringify(messages.map(toItem))];
      const { rowCount } = await pool.query({ name: 'append', text: CONCATENATE, values });
      if (rowCount === 0) await seed(pool, chat, messages);
    },
    pop: async (chat) => (await pool.query({ name: 'pop', text: DROP_LAST, values: [chat] })).rows[0],
    close: () => pool.end(),
  };
}

async function seed(pool: pg.Pool, chat: string, messages: readonly Message[]): Promise<void> {
  await pool.query({ name: 'write', text: WRITE, values: [chat, JSON.stringify(messages.map(toItem))] });
}

/** The last 50 come with all others, as in the seed's session. */
function readers(pool: pg.Pool): Pick<Store, 'load' | 'last'> {
  return {
    load: async (chat) => (await conversationOf(pool, chat)).length,
    last: async (chat, count) => (await conversationOf(pool, chat)).slice(-count).length,
  };
}

async function conversationOf(client: pg.Pool | pg.PoolClient, chat: string): Promise<object[]> {
  const text = 'select conversation from chats where chat_id = $1';
  const { rows } = await client.query<{ conversation: object[] }>({ name: 'read', text, values: [chat] });
  return rows[0]?.conversation ?? [];
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    client.release();
  }
}
