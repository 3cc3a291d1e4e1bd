import { QuestlogError } from '../errors.ts';
import type { ChangeSink } from './changes.ts';
import { isWrite, toWriteFailure } from './outcome.ts';
import { sqlstateOf, translateDatabaseError } from './sqlstate.ts';

/** undefined_table, undefined_column, undefined_function: statements of Questlog name what the migrations make. */
const UNMIGRATED_CODES: ReadonlySet<string> = new Set(['42P01', '42703', '42883']);

/** no_active_sql_transaction */
const NO_TRANSACTION = '25P01';

/** One SQL statement with its `$1` parameters. `name` lets PostgreSQL keep its plan. */
export interface Statement {
  /** Whole SQL, with parameters in place of values. */
  readonly text: string;
  /** Those of `$1`, `$2` and so on. */
  readonly values?: unknown[];
  /** Of a statement that comes often. */
  readonly name?: string;
  /**
   * Whose rows it touches. Null: of no one user, as a migration, a sweep, a batch of many users and a session without
   * a user. The server does not get it.
   */
  readonly userId?: string | null;
  /** It reads as much as one statement may: one such of a user runs at a time. */
  readonly isLarge?: boolean;
  /** How values are read, in the form that `pg` takes. Default: as the driver does. */
  readonly types?: TypeReader;
}

export interface TypeReader {
  getTypeParser(): (text: string) => unknown;
}

/** For a statement whose only column is of type `json`: without a cast, the text is copied once less on its way. */
export function readJson(read: (text: string) => unknown): TypeReader {
  return { getTypeParser: () => read };
}

/** What a statement gives. */
export interface QueryResult<Row> {
  /** As objects, by the names of their columns. */
  readonly rows: Row[];
}

/**
 * What every store function needs: something that runs one statement. A `Database`, a transaction of one, and a `pg`
 * client fit, so a caller's own transaction can be passed as it is. A `pg` pool, and a client without a transaction, do
 * for what takes one statement; what takes several is refused there, and nothing is written.
 */
export interface Queryable {
  // The row type cannot be checked at run time: each store function states it beside its SQL.
  /** Runs one statement. */
  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>>;
  /**
   * Whether the tables are distributed by user: chat ids are one user's there. A connection that the caller brought does
   * not say.
   */
  readonly isDistributed?: boolean;
  /** Notified of what a statement changed. A connection that the caller brought has none. */
  readonly changes?: ChangeSink;
}

/** The engine behind a database. */
export type DatabaseKind = 'postgres' | 'pglite';

/** A way to a database: a pool of PostgreSQL connections, or PGlite in this process. */
export interface Driver extends Queryable {
  readonly kind: DatabaseKind;
  /** Where the data is, without credentials: for logs. */
  readonly location: string;
  /** Of the tables, where it is not left to the search path of the connection. */
  readonly schema: string | undefined;
  /** How many statements and transactions it works on at once; more wait. */
  readonly connections: number;
  /** Runs several statements without parameters, as one script (migrations). */
  exec(script: string): Promise<void>;
  /**
   * Runs `work` in one read-committed transaction: commits its result, rolls back its failure. Inside, ask `tx` alone:
   * PGlite answers what the database itself is asked only when the transaction is over, which would be never. It may run
   * `work` again, from its beginning, when PostgreSQL rolled it back because of what others did at the same time
   * (serialization_failure, deadlock_detected).
   *
   * @param userId whose rows it touches; null (the default): of no one user.
   * @param isLarge it writes more than one statement may: one such of a user runs at a time. Default: false.
   */
  transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    userId?: string | null,
    isLarge?: boolean,
  ): Promise<Result>;
  /**
   * Answers the statements and transactions that it was asked before, and closes. What comes later is refused with
   * `database_closed`, and so is what waited for others: appends of sessions, large work of a user. A second call waits for
   * the first.
   */
  close(): Promise<void>;
}

/** An open transaction. */
export interface Transaction extends Queryable {
  /** Runs several statements without parameters, as one script (migrations). */
  exec(script: string): Promise<void>;
}

/**
 * Runs one statement and returns its rows. The only place where a driver's errors become `QuestlogError`s.
 *
 * @throws QuestlogError with the driver's error as `cause`.
 */
export async function query<Row>(db: Queryable, statement: Statement): Promise<Row[]> {
  try {
    const result = await db.query(statement);
    return result.rows as Row[];
  } catch (error) {
    throw explainUnmigrated(error instanceof QuestlogError ? error : toFailure(error, statement));
  }
}

function explainUnmigrated(failure: QuestlogError): QuestlogError {
  if (!UNMIGRATED_CODES.has(sqlstateOf(failure.cause) ?? '')) return failure;
  const message = 'the database lacks tables of this version of Questlog: call migrate(db) first';
  return new QuestlogError(failure.code, message, { cause: failure.cause });
}

/** On a connection of the caller's, which may have no transaction. */
function toFailure(error: unknown, { text }: Statement): QuestlogError {
  const failure = translateDatabaseError(error);
  return isWrite(text) ? toWriteFailure(failure) : failure;
}

/**
 * Runs `work` atomically on whatever the caller brought: a new transaction on a `Database`, a savepoint inside a
 * transaction that the caller opened.
 *
 * @param userId whose rows it touches; null: of no one user.
 * @param isLarge as that of `Driver.transaction`.
 * @throws QuestlogError `database_failed` for a `pg` client without a transaction, and for a pool.
 */
export async function atomically<Result>(
  db: Queryable,
  userId: string | null,
  work: (tx: Queryable) => Promise<Result>,
  isLarge = false,
): Promise<Result> {
  if (isDriver(db)) return db.transaction(work, userId, isLarge);
  await begin(db);
  try {
    const result = await work(db);
    await query(db, { userId: null, text: 'release savepoint questlog' });
    return result;
  } catch (error) {
    await undo(db);
    throw error;
  }
}

async function begin(db: Queryable): Promise<void> {
  try {
    await query(db, { userId: null, text: 'savepoint questlog' });
  } catch (error) {
    if (!(error instanceof QuestlogError) || sqlstateOf(error.cause) !== NO_TRANSACTION) throw error;
    const message = 'this takes several statements: pass a Database, or a client with an open transaction';
    throw new QuestlogError('database_failed', message, { cause: error.cause });
  }
}

/** Back to the savepoint and rid of it, or an outer `atomically` would go back to this one instead of its own. */
async function undo(db: Queryable): Promise<void> {
  try {
    await query(db, { userId: null, text: 'rollback to savepoint questlog' });
    await query(db, { userId: null, text: 'release savepoint questlog' });
  } catch {
    // The connection is gone and the transaction with it: what the caller must learn is why the work failed.
  }
}

/** Whether it has transactions of its own, and is not inside one of the caller's. */
function isDriver(db: Queryable): db is Driver {
  return 'transaction' in db && 'kind' in db;
}
