import type { Database, Queryable, QueryResult, Statement, Transaction } from '../src/driver/driver.ts';

/** A database that counts what is asked of it: every statement waits for the database once, begin and commit too. */
export class CountingDatabase implements Database {
  readonly kind: Database['kind'];
  readonly location: string;
  readonly connections: number;
  readonly #db: Database;
  #statements = 0;
  #writes = 0;

  constructor(db: Database) {
    this.#db = db;
    this.kind = db.kind;
    this.location = db.location;
    this.connections = db.connections;
  }

  counted(): { readonly statements: number; readonly writes: number } {
    return { statements: this.#statements, writes: this.#writes };
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    return this.#count(this.#db, statement);
  }

  exec(script: string): Promise<void> {
    this.#statements += 1;
    return this.#db.exec(script);
  }

  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    this.#statements += 2;
    return this.#db.transaction((tx) =>
      work({ query: (statement) => this.#count(tx, statement), exec: (script) => tx.exec(script) }),
    );
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  #count(db: Queryable, statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    this.#statements += 1;
    if (/\b(insert into|update|delete from)\b/.test(statement.text)) this.#writes += 1;
    return db.query(statement);
  }
}
