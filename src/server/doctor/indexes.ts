import type { Database } from '../../database/database.ts';
import { query } from '../../driver/driver.ts';
import { readMigrations } from '../../driver/migrations/read-migrations.ts';
import type { Finding } from './finding.ts';

const name = 'indexes';

/** `create index …;`, `drop index …;` and `using index …;`, which gives it the name of a constraint. */
const STATEMENT =
  /^create (?:unique )?index (?:if not exists )?(\w+)[^;]*;|^drop index (?:if exists )?(\w+)|using index (\w+);/gm;

/** Whether each index is there that the migrations make, and works. */
export async function checkIndexes(db: Database): Promise<readonly Finding[]> {
  const expected = await readIndexes(db);
  const rows = await query<{ name: string; isValid: boolean }>(db, {
    userId: null,
    text: `select c.relname as name, i.indisvalid as "isValid"
      from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('questlog_migrations'))`,
  });
  const there = new Set(rows.map((row) => row.name));
  const missing = [...expected].filter(([index]) => !there.has(index));
  const invalid = rows.filter(({ isValid }) => !isValid);
  if (missing.length + invalid.length === 0)
    return [{ name, status: 'ok', found: `all ${expected.size} of the migrations are there` }];
  return [
    ...missing.map(([index, statement]) => fail(`${index} is missing`, `run: ${statement}`)),
    ...invalid.map((row) => fail(`${row.name} is invalid`, `run: reindex index concurrently ${row.name};`)),
  ];
}

/** Those that are left when all applied scripts have run, with what makes each. */
async function readIndexes(db: Database): Promise<ReadonlyMap<string, string>> {
  const applied = await query<{ number: number }>(db, {
    userId: null,
    text: 'select number from questlog_migrations',
  });
  const numbers = new Set(applied.map(({ number }) => number));
  const indexes = new Map<string, string>();
  for (const { number, script } of await readMigrations()) {
    if (!numbers.has(number)) continue;
    for (const [statement, made, ...gone] of script.matchAll(STATEMENT)) {
      if (made !== undefined) indexes.set(made, statement.replaceAll(/\s+/g, ' '));
      for (const index of gone) if (index !== undefined) indexes.delete(index);
    }
  }
  // A cluster has its key in place of it.
  if (db.isDistributed) indexes.delete('chats_of_user');
  return indexes;
}

function fail(found: string, remedy: string): Finding {
  return { name, status: 'fail', found, remedy };
}
