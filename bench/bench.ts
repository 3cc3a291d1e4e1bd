import { asAdmin } from '../test/support/postgres-server.ts';
import { Figures, type Table } from './measure.ts';

/** What every group of measurements gets and fills. */
export interface Bench {
  /** A database from which others can be made. */
  readonly url: string;
  /** Only to see that everything works: the figures mean nothing. */
  readonly quick: boolean;
  /** With the leak run of ten minutes. */
  readonly long: boolean;
  /** Whether the peers of bench/package.json are installed. */
  readonly peers: boolean;
  readonly figures: Figures;
  readonly tables: Table[];
}

export function createBench(options: Pick<Bench, 'url' | 'quick' | 'long' | 'peers'>): Bench {
  return { ...options, figures: new Figures(), tables: [] };
}

/** Makes an empty database. @returns its URL. */
export async function createDatabase({ url }: Pick<Bench, 'url'>, name: string): Promise<string> {
  await asAdmin(url, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} template template0`);
  });
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** Bytes of WAL that the server has written since it began. */
export async function walBytes(url: string): Promise<number> {
  return asAdmin(url, async (client) => {
    const { rows } = await client.query(
      `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes`,
    );
    return rows[0].bytes as number;
  });
}

/** Bytes of all tables of a database, with their indexes. */
export async function tableBytes(url: string): Promise<number> {
  return asAdmin(url, async (client) => {
    const { rows } = await client.query(
      `select coalesce(sum(pg_total_relation_size(oid)), 0)::float8 as bytes from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace`,
    );
    return rows[0].bytes as number;
  });
}

/** Statistics and visibility as on a database that has been there for a while, and no dirty page left to write. */
export async function settle(url: string): Promise<void> {
  await asAdmin(url, async (client) => {
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  });
}
