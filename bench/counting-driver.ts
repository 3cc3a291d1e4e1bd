import type { Driver, Queryable, QueryResult, Statement, Transaction } from '../src/driver/driver.ts';

/** A driver that counts what is asked of it: every statement waits for the database once, begin and commit too. */
export class CountingDriver implements Driver {
  readonly kind: Driver['kind'];
  readonly location: string;
  readonly schema: string | undefined;
  readonly connections: number;
  readonly #driver: Driver;
  #statements = 0;
  #writes = 0;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.kind = driver.kind;
    this.location = driver.location;
    this.schema = driver.schema;
    this.connections = driver.connections;
  }

  counted(): { readonly statements: number; readonly writes: number } {
    return { statements: this.#statements, writes: this.#writes };
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    return this.#count(this.#driver, statement);
  }

  exec(script: string): Promise<void> {
    this.#statements += 1;
    return this.#driver.exec(script);
  }

  transaction<Result>(work: (tx: Transaction) => Promise<Result>, userId?: string | null): Promise<Result> {
    this.#statements += 2;
    const counted = (tx: Transaction): Transaction => ({
      query: (statement) => this.#count(tx, statement),
      exec: (script) => tx.exec(script),
    });
    return this.#driver.transaction((tx) => work(counted(tx)), userId);
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #count(db: Queryable, statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    this.#statements += 1;
    if (/\b(insert into|update|delete from)\b/.test(statement.text)) this.#writes += 1;
    return db.query(statement);
  }
}
