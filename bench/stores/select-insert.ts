import pg from 'pg';
import type { Message } from '../turn.ts';
import { toItem } from './questlog.ts';
import { POOL_SIZE, type Store } from './store.ts';

const TABLES = `
  create table if not exists agent_sessions (session_id text primary key,
    created_at timestamp not null default now(), updated_at timestamp not null default now());
  create table if not exists agent_messages (id serial primary key,
    session_id text not null references agent_sessions on delete cascade, message_data text not null,
    created_at timestamp not null default now());
  create index if not exists idx_agent_messages on agent_messages (session_id, created_at);`;

/** So many sessions stay open before the oldest is closed: each has a pool. */
const OPEN = 12;

/**
 * A session of the widely used kind: does the session exist, if not make it, insert the messages, set its time; no
 * transaction, unnamed statements, and a pool for each session. It stays open between calls, which flatters it.
 */
export async function openSelectInsert(url: string): Promise<Store> {
  const setup = new pg.Client({ connectionString: url });
  await setup.connect();
  await setup.query(TABLES);
  await setup.end();
  const open = new Map<string, { readonly pool: pg.Pool; users: number }>();
  const use = async <Result>(chat: string, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> => {
    const session = open.get(chat) ?? { pool: openSession(url), users: 0 };
    open.delete(chat);
    open.set(chat, session);
    session.users += 1;
    try {
      return await work(session.pool);
    } finally {
      session.users -= 1;
      const oldest = [...open].find(([, { users }]) => users === 0)?.[0];
      if (open.size > OPEN && oldest !== undefined) {
        void open.get(oldest)?.pool.end();
        open.delete(oldest);
      }
    }
  };
  const insert = async (pool: pg.Pool, chat: string, messages: readonly Message[]) => {
    const known = await pool.query('select 1 from agent_sessions where session_id = $1 limit 1', [chat]);
    if (known.rows.length === 0) {
      await pool.query('insert into agent_sessions (session_id) values ($1) on conflict do nothing', [chat]);
    }
    const places = messages.map((_, index) => `($1, $${index + 2})`);
    const values = messages.map((message) => JSON.stringify(toItem(message)));
    const text = `insert into agent_messages (session_id, message_data) values ${places}`;
    await pool.query(text, [chat, ...values]);
    await pool.query('update agent_sessions set updated_at = now() where session_id = $1', [chat]);
  };
  const append = (chat: string, messages: readonly Message[]) =>
    use(chat, (pool) => insert(pool, chat, messages));
  const read = async (chat: string, limit: string, values: readonly unknown[]) => {
    const order = `order by created_at desc, id desc ${limit}`;
    const text = `select message_data from agent_messages where session_id = $1 ${order}`;
    const { rows } = await use(chat, (pool) => pool.query<{ message_data: string }>(text, [chat, ...values]));
    return rows.map((row) => JSON.parse(row.message_data) as object).reverse().length;
  };
  return {
    append,
    async seed(chat, messages) {
      for (let from = 0; from < messages.length; from += 1_000) {
        await append(chat, messages.slice(from, from + 1_000));
      }
    },
    load: (chat) => read(chat, '', []),
    last: (chat, count) => read(chat, 'limit $2', [count]),
    async pop(chat) {
      const text = `select id, message_data from agent_messages where session_id = $1
        order by created_at desc, id desc limit 1`;
      return use(chat, async (pool) => {
        const { rows } = await pool.query<{ id: number; message_data: string }>(text, [chat]);
        if (rows[0] === undefined) return undefined;
        await pool.query('delete from agent_messages where id = $1', [rows[0].id]);
        return JSON.parse(rows[0].message_data);
      });
    },
    close: async () => {
      await Promise.all([...open.values()].map(({ pool }) => pool.end()));
    },
  };
}

function openSession(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE });
  pool.on('error', () => undefined);
  return pool;
}
