import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import type { Queryable, Statement } from '../../src/driver/driver.ts';

/** The chats that exist in a notes database, and the user who owns each. */
export const CHATS = { 'chat-1': 'ann', 'chat-2': 'ann', 'chat-3': 'ben' } as const;

/** A database in memory with what campaign notes need, and the statements that it ran. */
export async function openNotesDatabase() {
  const pglite = await PGlite.create();
  await pglite.exec('create table chats (chat_id text primary key, user_id text not null)');
  await pglite.exec(await readFile('migrations/0004-campaign-notes.sql', 'utf8'));
  for (const [chatId, userId] of Object.entries(CHATS)) {
    await pglite.query('insert into chats (chat_id, user_id) values ($1, $2)', [chatId, userId]);
  }
  const db: Queryable = {
    query: (statement: Statement) => pglite.query(statement.text, statement.values),
  };
  return { db, close: () => pglite.close() };
}
