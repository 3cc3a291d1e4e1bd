import type { Database } from '../../database/database.ts';
import { query } from '../../driver/driver.ts';
import type { Finding } from './finding.ts';

const name = 'bloat';

/** Autovacuum comes at a fifth of the rows: at half of many it does not keep up. */
const MANY_ROWS = 10_000;

/** An index is as large as its entries; with this many times that it is mostly empty. Small ones cost nothing. */
const MANY_TIMES = 4;
const LARGE_BYTES = 32_000_000;

/** Whether tables hold many dead rows, or indexes much empty space: from what the server has counted, without a scan. */
export async function checkBloat(db: Database): Promise<readonly Finding[]> {
  const findings = [...(await findDeadRows(db)), ...(await findEmptyIndexes(db))];
  return findings.length > 0 ? findings : [{ name, status: 'ok', found: 'few rows are dead' }];
}

interface DeadRows {
  readonly table: string;
  readonly dead: string;
  readonly share: string;
  readonly vacuumed: string;
}

async function findDeadRows(db: Database): Promise<Finding[]> {
  const rows = await query<DeadRows>(db, {
    userId: null,
    text: `select relname as "table", n_dead_tup::text as dead,
        round(100.0 * n_dead_tup / (n_dead_tup + n_live_tup))::text as share,
        coalesce(to_char(greatest(last_autovacuum, last_vacuum), 'YYYY-MM-DD HH24:MI'), 'never') as vacuumed
      from pg_stat_user_tables
      where schemaname = (select nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid
          where c.oid = to_regclass('questlog_migrations'))
        and n_dead_tup > $1 and n_dead_tup > n_live_tup
      order by n_dead_tup desc limit 5`,
    values: [MANY_ROWS],
  });
  return rows.map(({ table, dead, share, vacuumed }) => ({
    name,
    status: 'warn',
    found: `${table} has ${dead} dead rows (${share} %), last vacuumed: ${vacuumed}`,
    remedy: `run: vacuum ${table}; and see whether autovacuum is on, and no transaction is open for hours`,
  }));
}

/** An entry has its columns, as wide as they are on average, and some 20 bytes. */
async function findEmptyIndexes(db: Database): Promise<Finding[]> {
  const rows = await query<{ index: string; megabytes: string; times: string }>(db, {
    userId: null,
    text: `select index, (bytes / 1000000)::text as megabytes, round(bytes / needed)::text as times
      from (
        select c.relname as index, pg_relation_size(c.oid) as bytes,
          greatest(c.reltuples, 1)::numeric * (20 + (
            select coalesce(sum(coalesce(s.avg_width, 16)), 16) from pg_attribute a
            left join pg_stats s on s.schemaname = n.nspname and s.tablename = t.relname and s.attname = a.attname
            where a.attrelid = c.oid)) as needed
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
          join pg_namespace n on n.oid = c.relnamespace join pg_am m on m.oid = c.relam
        where m.amname = 'btree' and c.reltuples >= 0 and c.relkind = 'i'
          and n.oid = (select relnamespace from pg_class where oid = to_regclass('questlog_migrations'))) as sizes
      where bytes > $1 and bytes > $2 * needed order by bytes desc limit 5`,
    values: [LARGE_BYTES, MANY_TIMES],
  });
  return rows.map(({ index, megabytes, times }) => ({
    name,
    status: 'warn',
    found: `${index} has ${megabytes} MB, about ${times} times what its entries need`,
    remedy: `run: reindex index concurrently ${index};`,
  }));
}
