import { type Queryable, query } from '../../driver/driver.ts';
import { assertId } from '../../ids.ts';
import { listUserTables, type UserTable } from './user-tables.ts';

/** In memory at a time: so many rows, fewer where the database stores them in more bytes, but one. */
const PAGE_ROWS = 200;
const PAGE_BYTES = 250_000;

/**
 * Everything that the database has of a user, as JSON Lines: `{"table":…,"row":{…}}`, each row with all its columns. An item is
 * the text that was stored. Each text that is given is some whole lines. What changes while it is read is in it as it was, or as it is.
 */
export async function* readUserData(db: Queryable, userId: string): AsyncGenerator<string, void, undefined> {
  assertId('user_id', userId);
  const tables = await listUserTables(db);
  // The index of searches is made of the others.
  for (const table of tables.filter(({ name }) => !name.startsWith('search_')))
    yield* readTable(db, table, userId);
}

async function* readTable(
  db: Queryable,
  table: UserTable,
  userId: string,
): AsyncGenerator<string, void, undefined> {
  for (let after: readonly string[] | undefined; ; ) {
    const rows = await readPage(db, table, userId, after);
    after = rows.at(-1)?.key;
    if (after === undefined) return;
    yield rows.map(({ row }) => `{"table":${JSON.stringify(table.name)},"row":${row}}\n`).join('');
  }
}

/** Behind a key. A line of its own in a JSON text is white space. */
function readPage(
  db: Queryable,
  { name, columns, key }: UserTable,
  userId: string,
  after: readonly string[] | undefined,
): Promise<{ readonly row: string; readonly key: readonly string[] }[]> {
  const keys = key.map(({ column }) => column).join(', ');
  const from = key.map(({ type }, index) => `$${index + 4}::${type}`).join(', ');
  const behind = after === undefined ? '' : `and (${keys}) > (${from})`;
  const keyTexts = key.map(({ column }) => `page.${column}::text`).join(', ');
  const bytes = columns.map((column) => `coalesce(pg_column_size(${column}), 0)`).join(' + ');
  return query(db, {
    userId,
    text: `select translate(row_to_json(page)::text, chr(10) || chr(13), '  ') as row,
        json_build_array(${keyTexts}) as key
      from (
        select ${columns.join(', ')} from (
          select *, sum(${bytes})
            over (order by ${keys} rows unbounded preceding) as questlog_bytes,
            row_number() over (order by ${keys}) as questlog_place
          from (
            select * from ${name} where user_id = $1 ${behind}
            order by ${keys} limit $2
          ) as rows
        ) as measured
        where questlog_bytes <= $3 or questlog_place = 1
      ) as page order by ${keys}`,
    values: [userId, PAGE_ROWS, PAGE_BYTES, ...(after ?? [])],
    isLarge: true,
  });
}
