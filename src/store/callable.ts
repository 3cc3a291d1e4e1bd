import type { Queryable, Statement } from '../driver/driver.ts';
import { nameByText } from '../driver/postgres/statement-names.ts';

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

export function nameFunction({ name, body }: Callable): string {
  return nameByText(name, body);
}

/** What to send: the statement, or a call of it. */
export function textFor(db: Queryable, statement: Callable): string {
  if (!db.isDistributed) return statement.text;
  const parameters = statement.takes.map((type, index) => `$${index + 1}::${type}`);
  return `select * from ${nameFunction(statement)}(${parameters.join(', ')})`;
}

/** Of items that a function stores: its parameters, and where the first one goes. */
interface StoredItems {
  readonly chat: string;
  readonly user: string;
  readonly run?: string;
  readonly items: string;
  readonly from: string;
}

/** In PL/pgSQL: stores items one by one, with `entry`, a record, and does `each` for every one. */
export function storeItems({ chat, user, run = 'null', items, from }: StoredItems, each = 'null'): string {
  return `
      for entry in select value, place from json_array_elements_text(${items}) with ordinality as e(value, place) loop
        insert into chat_items (chat_id, position, user_id, item, run_id)
        values (${chat}, ${from} + entry.place - 1, ${user}, entry.value::json, ${run});
        ${each};
      end loop;`;
}
