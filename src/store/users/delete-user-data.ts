import { type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';
import { assertId, newId } from '../../ids.ts';
import { listUserTables, type UserTable } from './user-tables.ts';

/** What was there of a user, by table: how many rows. */
export type RowCounts = Readonly<Record<string, number>>;

/** Rows that one statement deletes and locks. */
const BATCH_ROWS = 1_000;
/** Of a user who goes on writing meanwhile. */
const MAX_PASSES = 5;

/**
 * Removes everything that the database has of a user, for good, a batch at a time: what it had removed before it failed stays
 * removed, and a second call does the rest. At its end nothing is left, and `erasures` says when, of whom and how many rows.
 *
 * @param db a `Database`, or a connection: each batch is a transaction where the caller has none open.
 * @returns how many rows of each table there were.
 * @throws QuestlogError `chat_busy` when the user writes faster than it is removed.
 */
export async function deleteUserData(db: Queryable, userId: string): Promise<RowCounts> {
  assertId('user_id', userId);
  const tables = await listUserTables(db);
  const counts: Record<string, number> = {};
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    for (const { name } of tables) counts[name] = (counts[name] ?? 0) + (await deleteRows(db, name, userId));
    if (!(await hasRows(db, tables, userId))) return noteErasure(db, userId, counts);
  }
  throw new QuestlogError(
    'chat_busy',
    'the user writes while everything is removed: stop their runs and call it again',
  );
}

async function deleteRows(db: Queryable, table: string, userId: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    const [batch] = await query<{ count: number }>(db, {
      userId,
      text: `with gone as (
          delete from ${table} where user_id = $1
            and ctid = any (array(select ctid from ${table} where user_id = $1 limit $2)) returning 1
        )
        select count(*)::int as count from gone`,
      values: [userId, BATCH_ROWS],
    });
    const count = batch?.count ?? 0;
    deleted += count;
    if (count < BATCH_ROWS) break;
  }
  if (deleted > 0) db.changes?.notify({ userId });
  return deleted;
}

async function hasRows(db: Queryable, tables: readonly UserTable[], userId: string): Promise<boolean> {
  const exist = tables.map(({ name }) => `exists (select from ${name} where user_id = $1)`);
  const [row] = await query<{ any: boolean }>(db, {
    userId,
    text: `select ${exist.join(' or ')} as any`,
    values: [userId],
  });
  return row?.any ?? false;
}

async function noteErasure(db: Queryable, userId: string, counts: RowCounts): Promise<RowCounts> {
  const rows = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  await query(db, {
    userId: null,
    text: 'insert into erasures (erasure_id, erased_user, rows) values ($1, $2, $3)',
    values: [newId(), userId, JSON.stringify(rows)],
  });
  return rows;
}
