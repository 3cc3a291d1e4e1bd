import { randomUUID } from 'node:crypto';
import { openPool, type Store } from './store.ts';

/** Chat and Message_v2 of the Vercel chatbot 3.1.0, which has no index but the keys. */
const TABLES = `
  create table "Chat" (id uuid primary key, "createdAt" timestamp not null, title text not null,
    "userId" uuid not null, visibility varchar not null default 'private');
  create table "Message_v2" (id uuid primary key default gen_random_uuid(),
    "chatId" uuid not null references "Chat" (id), role varchar not null, parts json not null,
    attachments json not null, "createdAt" timestamp not null);`;

/** The layout of the Vercel chatbot: its queries by hand on `pg`, unnamed, as its query builder sends them. */
export async function openVercel(url: string): Promise<Store> {
  const pool = openPool(url);
  await pool.query(TABLES);
  const user = randomUUID();
  const append: Store['append'] = async (chat, messages) => {
    const now = Date.now();
    const places = messages.map((_, index) => {
      const first = index * 6;
      return `($${[1, 2, 3, 4, 5, 6].map((place) => first + place).join(', $')})`;
    });
    await pool.query({
      text: `insert into "Message_v2" (id, "chatId", role, parts, attachments, "createdAt") values ${places}`,
      // One later than the other: the time is all that orders them.
      values: messages.flatMap(({ role, text }, index) => [
        randomUUID(),
        chat,
        role,
        JSON.stringify([{ type: 'text', text }]),
        '[]',
        new Date(now + index),
      ]),
    });
  };
  return {
    append,
    async seed(chat, messages) {
      await pool.query({
        text: `insert into "Chat" (id, "createdAt", title, "userId") values ($1, now(), 'bench', $2)
          on conflict do nothing`,
        values: [chat, user],
      });
      for (let from = 0; from < messages.length; from += 1_000) {
        await append(chat, messages.slice(from, from + 1_000));
      }
    },
    async load(chat) {
      const { rows } = await pool.query({
        text: `select id, "chatId", role, parts, attachments, "createdAt" from "Message_v2"
          where "chatId" = $1 order by "createdAt" asc`,
        values: [chat],
      });
      return rows.length;
    },
    close: () => pool.end(),
  };
}
