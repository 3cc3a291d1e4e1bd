import pg from 'pg';
import type { Server } from './servers.ts';

/** A number at a moment, in milliseconds from the begin. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** What is measured over time, by its name. */
export class Series {
  readonly #points = new Map<string, Point[]>();
  readonly #now: () => number;
  readonly #began: number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  add(name: string, value: number): void {
    const points = this.#points.get(name) ?? [];
    this.#points.set(name, points);
    points.push({ at: this.#now() - this.#began, value });
  }

  /** The values between two moments. */
  between(name: string, from: number, to: number): number[] {
    const points = this.#points.get(name) ?? [];
    return points.filter(({ at }) => at >= from && at < to).map(({ value }) => value);
  }

  names(): string[] {
    return [...this.#points.keys()];
  }
}

/** What is read of a process, by the name that it has in the report. */
const OF_PROCESS = {
  'heap, MB': ['nodejs_heap_size_used_bytes', 1e6],
  'resident memory, MB': ['process_resident_memory_bytes', 1e6],
  'open files': ['process_open_fds', 1],
  'event loop p99, ms': ['nodejs_eventloop_lag_p99_seconds', 1e-3],
} as const;

export async function measureProcess(server: Server, series: Series): Promise<void> {
  const metrics = await server.readMetrics();
  for (const [name, [metric, unit]] of Object.entries(OF_PROCESS)) {
    const value = metrics.get(metric);
    if (value !== undefined) series.add(name, value / unit);
  }
}

/** The sizes of the tables and their indexes; a table that is nearly empty says nothing of bytes a row. */
const TABLES = `select relname as name, pg_table_size(oid)::float8 as table, pg_indexes_size(oid)::float8 as indexes
  from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`;
const FEW_ROWS = 500;

/** @param operations how many there were so far. */
export async function measureDatabase(client: pg.Client, series: Series): Promise<void> {
  const { rows } = await client.query<{ name: string; table: number; indexes: number }>(TABLES);
  for (const { name, table, indexes } of rows) {
    const counted = await client.query<{ count: number }>(
      `select count(*)::float8 as count from ${pg.escapeIdentifier(name)}`,
    );
    const count = counted.rows[0]?.count ?? 0;
    if (count < FEW_ROWS) continue;
    series.add(`table ${name}, bytes a row`, table / count);
    series.add(`indexes of ${name}, bytes a row`, indexes / count);
  }
  const others = await client.query<{ connections: number; wal: number; size: number }>(
    `select (select count(*)::float8 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
        as connections, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal,
      pg_database_size(current_database())::float8 as size`,
  );
  const [{ connections, wal, size } = { connections: 0, wal: 0, size: 0 }] = others.rows;
  series.add('connections', connections);
  series.add('database, MB', size / 1e6);
  series.add('wal', wal);
}
