/** Writes docs/schema.sql: the tables that the migrations make. With `--check`: fails when that file is another. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Database } from '../src/database/database.ts';
import { openDatabase } from '../src/database/open.ts';
import { query } from '../src/driver/driver.ts';
import { migrate } from '../src/driver/migrate.ts';

const FILE = new URL('../docs/schema.sql', import.meta.url);
const HEADER =
  '-- What the migrations make, from the catalog of a new database. Written by `npm run schema`.';

/** Each gives one text a row: first the tables with their indexes and triggers, then the functions. */
const TABLES = `
  select format(E'create table %I (\\n%s\\n)%s;', relname, concat_ws(E',\\n', columns, constraints),
      ' with (' || array_to_string(reloptions, ', ') || ')')
    || coalesce(E'\\n\\n' || indexes, '') || coalesce(E'\\n\\n' || triggers, '') as text
  from pg_class as t,
    lateral (
      select string_agg(
        format('  %I %s', attname, format_type(atttypid, atttypmod))
          || coalesce(case when attgenerated = 's' then format(' generated always as (%s) stored', expression)
            else ' default ' || expression end, '')
          || case when attnotnull then ' not null' else '' end,
        E',\\n' order by attnum) as columns
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum,
        lateral (select pg_get_expr(adbin, adrelid, true) as expression) as e
      where attrelid = t.oid and attnum > 0 and not attisdropped
    ) as c,
    lateral (
      select string_agg(format('  constraint %I %s', conname, pg_get_constraintdef(oid, true)),
        E',\\n' order by contype = 'p' desc, conname) as constraints
      from pg_constraint where conrelid = t.oid and contype <> 'n'
    ) as k,
    lateral (
      select string_agg(pg_get_indexdef(indexrelid, 0, true) || ';', E'\\n' order by indexrelid::regclass::text) as indexes
      from pg_index
      where indrelid = t.oid and not exists (select from pg_constraint where conindid = indexrelid)
    ) as i,
    lateral (
      select string_agg(pg_get_triggerdef(oid, true) || ';', E'\\n' order by tgname) as triggers
      from pg_trigger where tgrelid = t.oid and not tgisinternal
    ) as g
  where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname`;

const FUNCTIONS = `
  select replace(rtrim(pg_get_functiondef(oid), E'\\n'), 'FUNCTION public.', 'FUNCTION ') || ';' as text
  from pg_proc where pronamespace = 'public'::regnamespace order by proname`;

async function describeSchema(db: Database): Promise<string> {
  const parts = [];
  for (const text of [TABLES, FUNCTIONS]) parts.push(...(await query<{ text: string }>(db, { text })));
  return `${[HEADER, ...parts.map((part) => part.text)].join('\n\n')}\n`;
}

const db = await openDatabase('memory://');
await migrate(db);
const schema = await describeSchema(db);
await db.close();
if (!process.argv.includes('--check')) {
  await writeFile(FILE, schema);
} else if (schema !== (await readFile(FILE, 'utf8').catch(() => ''))) {
  console.error('docs/schema.sql is not what the migrations make: run `npm run schema`.');
  process.exitCode = 1;
}
