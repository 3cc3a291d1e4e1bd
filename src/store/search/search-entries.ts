import { type Queryable, query } from '../../driver/driver.ts';
import type { Role } from './said.ts';

/** The position of a chat's title among its entries. */
export const TITLE = -1;

/** What of a chat can be found: its title, or an item. */
export interface SearchEntry {
  readonly position: number;
  readonly role: Role | 'title';
  readonly createdAt: Date;
  /** As PostgreSQL reads a `tsvector`. */
  readonly words: string;
}

/** Writes entries of a chat whose index is locked, in the place of those at the same positions. */
export async function putEntries(
  tx: Queryable,
  userId: string,
  chatId: string,
  entries: readonly SearchEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ createdAt, ...entry }) => ({ ...entry, created_at: createdAt }));
  await query(tx, {
    userId,
    name: 'put_search_entries',
    text: `insert into search_entries as s (user_id, chat_id, position, role, created_at, words)
      select $1, $2, e.position, e.role, e.created_at, e.words::tsvector
      from json_to_recordset($3::json) as e(position bigint, role text, created_at timestamptz, words text)
      on conflict (user_id, chat_id, position) do update
        set role = excluded.role, created_at = excluded.created_at, words = excluded.words
        where s.words <> excluded.words`,
    values: [userId, chatId, JSON.stringify(rows)],
  });
}

/** Removes the entries of a chat whose index is locked at these positions, both included. */
export async function removeEntries(
  tx: Queryable,
  userId: string,
  chatId: string,
  [from, to]: readonly [number, number],
): Promise<void> {
  await query(tx, {
    userId,
    name: 'remove_search_entries',
    text: 'delete from search_entries where user_id = $1 and chat_id = $2 and position between $3 and $4',
    values: [userId, chatId, from, to],
  });
}
