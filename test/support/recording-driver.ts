import { Database } from '../../src/database/database.ts';
import type { Driver, QueryResult, Statement, Transaction } from '../../src/driver/driver.ts';

/** A statement that was sent, and of whom its transaction is, if it is in one. */
export interface Sent extends Statement {
  readonly owner?: string | null | undefined;
  readonly inTransaction: boolean;
}

/** A driver that keeps what is asked of it. */
export class RecordingDriver implements Driver {
  readonly kind: Driver['kind'];
  readonly location: string;
  readonly schema: string | undefined;
  readonly connections: number;
  readonly isDistributed: boolean;
  readonly sent: Sent[] = [];
  readonly #driver: Driver;

  constructor(driver: Driver) {
    this.#driver = driver;
    this.kind = driver.kind;
    this.location = driver.location;
    this.schema = driver.schema;
    this.connections = driver.connections;
    this.isDistributed = driver.isDistributed ?? false;
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    this.sent.push({ ...statement, inTransaction: false });
    return this.#driver.query(statement);
  }

  exec(script: string): Promise<void> {
    return this.#driver.exec(script);
  }

  transaction<Result>(work: (tx: Transaction) => Promise<Result>, userId?: string | null): Promise<Result> {
    const record = (tx: Transaction): Transaction => ({
      query: (statement) => {
        this.sent.push({ ...statement, owner: userId, inTransaction: true });
        return tx.query(statement);
      },
      exec: (script) => tx.exec(script),
    });
    return this.#driver.transaction((tx) => work(record(tx)), userId);
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}

/** A database on another one, and what is sent to it. */
export function recording(db: Database): { readonly db: Database; readonly sent: readonly Sent[] } {
  const driver = new RecordingDriver(db);
  return { db: new Database(driver), sent: driver.sent };
}
