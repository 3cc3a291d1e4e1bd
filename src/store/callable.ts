import { createHash } from 'node:crypto';
import type { Queryable, Statement } from '../driver/driver.ts';

/**
 * A statement of one user that is a function where the tables are distributed: one round trip to the node that has the user's
 * rows, and one transaction there. Citus would plan the whole statement as several, whose results go to all nodes.
 */
export interface Callable extends Required<Pick<Statement, 'name' | 'text'>> {
  /** The types of its parameters. */
  readonly takes: readonly string[];
  /** The number of the one that is the user. */
  readonly user: number;
  /** The names and types of its columns. */
  readonly gives: string;
  /** The same in PL/pgSQL, of statements on one table each. */
  readonly body: string;
}

/** Has a hash of the body: two versions of this program never call each other's function. */
export function nameFunction({ name, body }: Callable): string {
  return `${name}_${createHash('sha1').update(body).digest('hex').slice(0, 12)}`;
}

/** What to send: the statement, or a call of it. */
export function textFor(db: Queryable, statement: Callable): string {
  if (!db.isDistributed) return statement.text;
  const parameters = statement.takes.map((type, index) => `$${index + 1}::${type}`);
  return `select * from ${nameFunction(statement)}(${parameters.join(', ')})`;
}
