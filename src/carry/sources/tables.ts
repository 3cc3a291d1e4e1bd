import { type Queryable, query } from '../../driver/driver.ts';
import { QuestlogError } from '../../errors.ts';

/** Tables of another system, to read. */
export interface Tables {
  /**
   * Runs one statement.
   *
   * @param values those of `$1` and so on.
   */
  select<Row>(text: string, values: readonly (string | number)[]): Promise<Row[]>;
  /** Closes the database. */
  close(): Promise<void>;
}

/** Those in a PostgreSQL. */
export function inPostgres(db: Queryable & { close(): Promise<void> }): Tables {
  return {
    select: (text, values) => query(db, { userId: null, text, values: [...values] }),
    close: () => db.close(),
  };
}

/** What is used of `node:sqlite`. */
interface Sqlite {
  readonly DatabaseSync: new (
    path: string,
    options: { readonly readOnly: boolean },
  ) => {
    prepare(text: string): { all(values: Readonly<Record<string, string | number>>): unknown[] };
    close(): void;
  };
}

/** Those in a SQLite file, read by Node itself. */
export function inSqlite(path: string): Tables {
  const sqlite = process.getBuiltinModule('node:sqlite') as Sqlite | undefined;
  if (sqlite === undefined) {
    const message = `a SQLite file is read with Node 22.13 or newer: this is ${process.version}`;
    throw new QuestlogError('invalid_configuration', message);
  }
  const db = new sqlite.DatabaseSync(path, { readOnly: true });
  return {
    async select<Row>(text: string, values: readonly (string | number)[]) {
      const named = Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
      return db.prepare(text).all(named) as Row[];
    },
    close: async () => db.close(),
  };
}
