import type { EventEmitter } from 'node:events';
import type { QueryResult, Statement } from '../driver.ts';

/** What a statement has given. */
export interface CommandResult extends QueryResult<Record<string, unknown>> {
  /** The first word of what was done: a `commit` of what has failed is a `ROLLBACK`. */
  readonly command: string;
}

/** A client of a pool, lent to one caller at a time. */
export interface PooledClient extends Partial<Pick<EventEmitter, 'on' | 'removeListener'>> {
  /** Runs one statement, as `pg` does. */
  query(statement: Statement): Promise<CommandResult>;
  /** @param fault why it is not to be lent again. */
  release(fault?: Error | boolean): void;
}

/** A pool as `pg` has it, and those with its interface, such as Neon's and Vercel's. */
export interface ConnectionPool {
  /** Lends a client until it is released. */
  connect(): Promise<PooledClient>;
  /** As it was made with: `max` is how many connections it may have, 10 where it does not say. */
  readonly options?: { readonly max?: number | undefined };
}
