import { type ErrorCode, QuestlogError } from '../errors.ts';

/** unique_violation: somebody else has made a row with this key. */
export const UNIQUE_VIOLATION = '23505';

/** SQLSTATEs (PostgreSQL, appendix A) and Node's socket codes that mean: no database to talk to, try again later. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '25006', // read_only_sql_transaction: a standby, or a primary that was replaced
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // the socket file of a server that is not running
]);

/** SQLSTATEs that mean: the database answers, and has too much to do. Nothing of the statement is stored. */
const BUSY_CODES: ReadonlySet<string> = new Set([
  '53300', // too_many_connections
  '55P03', // lock_not_available: after `lock_timeout`
  '57014', // query_canceled: after `statement_timeout`
]);

/** `pg` gives these failures no code (a killed backend, a server that does not answer, a pool that is closed). */
const UNAVAILABLE_TEXT = /connection terminated|not queryable|query read timeout|after calling end/i;

/** What `pg` says of a pool whose connections are all in use. Of one that it cannot make, it says "terminated". */
const BUSY_TEXT = /timeout exceeded when trying to connect/i;

/** Turns a driver's error into a `QuestlogError` with the original as `cause`. Leaves a `QuestlogError` as it is. */
export function translateDatabaseError(error: unknown): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const sqlstate = sqlstateOf(error);
  const code = codeFor(sqlstate, error instanceof Error ? error.message : '');
  return new QuestlogError(code, MESSAGES[code] ?? 'the database refused a statement', { cause: error });
}

/** Awaits a driver's promise, translating its failure. */
export async function translateErrors<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw translateDatabaseError(error);
  }
}

/** The SQLSTATE or socket code of a driver's error, if it has one. */
export function sqlstateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Classes of SQLSTATEs that concern every statement, whatever is in it: the connection is not to be had or was given
 * up, the session or the server is in no state to do anything, out of resources, was told to stop (a timeout, for one),
 * or is broken; or somebody else holds what it needs.
 */
const NOT_ABOUT_THE_STATEMENT = /^(08|25|28|3D|53|55|57|58|XX)/;

/**
 * Whether the database refused a statement, of which nothing is stored, for a reason that a part of it may not have:
 * what is in it, or who was faster.
 */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof QuestlogError) || !(error.cause instanceof Error)) return false;
  // An answer of the server has a severity, in the server's language.
  return 'severity' in error.cause && !NOT_ABOUT_THE_STATEMENT.test(sqlstateOf(error.cause) ?? 'XX');
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  database_busy: 'the database has too much to do right now',
  database_unavailable: 'the database cannot be reached right now',
  database_full: 'the disk of the database is full',
};

function codeFor(sqlstate: string | undefined, message: string): ErrorCode {
  if (sqlstate === undefined) return codeForText(message);
  if (BUSY_CODES.has(sqlstate)) return 'database_busy';
  if (sqlstate === '53100') return 'database_full';
  if (UNAVAILABLE_CODES.has(sqlstate) || sqlstate.startsWith('08')) return 'database_unavailable';
  return 'database_failed';
}

function codeForText(message: string): ErrorCode {
  if (BUSY_TEXT.test(message)) return 'database_busy';
  return UNAVAILABLE_TEXT.test(message) ? 'database_unavailable' : 'database_failed';
}
