import { QuestlogError } from '../errors.ts';
import { type Queryable, query } from './driver.ts';
import { nameTables } from './migrations/name-tables.ts';

const RIGHTS = ['select', 'insert', 'update', 'delete'];

/**
 * Refuses to take tables for missing that this role only cannot see: its search path leaves out a schema that it may not
 * use.
 *
 * @throws QuestlogError `database_failed` that names the role and the schema.
 */
export async function assertVisible(db: Queryable): Promise<void> {
  const [hidden] = await query<{ schema: string; role: string }>(db, {
    userId: null,
    text: `select n.nspname as schema, current_user::text as role
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relname = 'questlog_migrations' and not has_schema_privilege(n.oid, 'usage')
        and n.nspname in (
          select replace(trim(both ' "' from name), '$user', current_user::text)
          from unnest(string_to_array(current_setting('search_path'), ',')) as name)
      limit 1`,
  });
  if (hidden === undefined) return;
  const { schema, role } = hidden;
  throw new QuestlogError(
    'database_failed',
    `the role ${role} may not use the schema ${schema}, where the tables are: grant usage on schema ${schema} to ${role}`,
  );
}

/**
 * Makes sure that this role may read and write the rows of every table, before the first request finds out.
 *
 * @throws QuestlogError `database_failed` that names the role, the tables and the rights that it lacks.
 */
export async function assertRights(db: Queryable): Promise<void> {
  const lacking = await query<{ table: string; rights: string; role: string }>(db, {
    userId: null,
    text: `select t.name as "table", string_agg(r.name, ', ' order by r.place) as rights, current_user::text as role
      from unnest($1::text[]) as t(name), unnest($2::text[]) with ordinality as r(name, place)
      where not has_table_privilege(to_regclass(t.name), r.name)
      group by t.name order by t.name`,
    values: [await nameTables(), RIGHTS],
  });
  const [first] = lacking;
  if (first === undefined) return;
  const missing = lacking.map(({ table, rights }) => `${rights} on ${table}`).join('; ');
  throw new QuestlogError('database_failed', `the role ${first.role} lacks rights: grant it ${missing}`);
}
