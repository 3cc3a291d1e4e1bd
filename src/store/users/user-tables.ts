import { type Queryable, query } from '../../driver/driver.ts';

/** A table with rows of users. */
export interface UserTable {
  /** As SQL. */
  readonly name: string;
  /** As SQL, in their order; those that the database computes are not among them. */
  readonly columns: readonly string[];
  /** Of its primary key. */
  readonly key: readonly { readonly column: string; readonly type: string }[];
}

/** Every table that says whose its rows are, as the catalog knows them: those that others refer to come last. */
export function listUserTables(db: Queryable): Promise<UserTable[]> {
  return query<UserTable>(db, {
    userId: null,
    text: `select quote_ident(c.relname) as name,
        (select json_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
        (select json_agg(json_build_object(
            'column', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod)) order by k.place)
          from pg_index i, unnest(i.indkey::int[]) with ordinality as k(number, place), pg_attribute a
          where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.number) as key
      from pg_class c
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and exists (select from pg_attribute u where u.attrelid = c.oid and u.attname = 'user_id' and not u.attisdropped)
      order by (select count(*) from pg_constraint f where f.confrelid = c.oid), c.relname`,
  });
}
