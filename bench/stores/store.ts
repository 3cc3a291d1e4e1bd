import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import pg from 'pg';
import type { Message } from '../turn.ts';

/** Something that keeps conversations in a PostgreSQL database: Questlog, or what it is measured beside. */
export interface Store {
  /** Begins a conversation with these messages: not measured, so by any means. */
  seed(chat: string, messages: readonly Message[]): Promise<void>;
  append(chat: string, messages: readonly Message[]): Promise<void>;
  /** @returns how many messages it has read into objects. */
  load(chat: string): Promise<number>;
  /** The newest `count` of them. */
  last?(chat: string, count: number): Promise<number>;
  /** Removes the newest message and returns it. */
  pop?(chat: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Makes the tables in an empty database and opens it. */
export type OpenStore = (url: string) => Promise<Store>;

/** So many connections has every store, unless its design is to open its own. */
export const POOL_SIZE = 10;

export function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    onConnect: (client) =>
      client.query(`set default_transaction_isolation = 'read committed'; set statement_timeout = 30000`),
  });
  pool.on('error', () => undefined);
  return pool;
}

const requireOfBench = createRequire(resolve('bench/package.json'));

/** A package of bench/package.json, where those who only use Questlog need not install it. */
export function requirePeer<Package>(name: string): Package {
  return requireOfBench(name) as Package;
}

/** The version of a peer that is installed. */
export function versionOfPeer(name: string): string {
  return (requireOfBench(`./node_modules/${name}/package.json`) as { version: string }).version;
}
