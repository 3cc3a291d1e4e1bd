import { QuestlogError } from '../errors.ts';
import { sqlstateOf } from './sqlstate.ts';

/** Nothing was sent, or the server refused before it did anything: read_only_sql_transaction, cannot_connect_now. */
const REFUSED_CODES: ReadonlySet<string> = new Set([
  '25006',
  '57P03',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/** So it is when `pg` has no connection, which it says without a code. */
const REFUSED_TEXT = /not queryable|connection timeout|after calling end/;

/** serialization_failure, deadlock_detected: rolled back because of what others did at the same time. */
const PASSING_CODES: ReadonlySet<string> = new Set(['40001', '40P01']);

/** What ends with a hash is a function of Questlog's (`nameByText`), which writes. */
const WRITES =
  /\b(insert|(?<!for |key )update|delete|merge|truncate|create|alter|drop|grant|revoke|copy|call|do)\b|_[0-9a-f]{12}\(/i;

/**
 * Whether a statement may change something, as far as its words tell. A doubt counts as a change; a function of others
 * that is called in a `select` does not.
 */
export function isWrite(text: string): boolean {
  return WRITES.test(text);
}

/**
 * The failure of what was to change something: of a statement without a transaction, or of a commit. When it was sent and
 * the server did not answer, nobody knows whether it was carried out.
 */
export function toWriteFailure(failure: QuestlogError): QuestlogError {
  const isUnanswered = failure.code === 'database_unavailable' && !isRefused(failure.cause);
  return isUnanswered || isUnansweredCommit(failure.cause) ? outcomeUnknown(failure.cause) : failure;
}

export function outcomeUnknown(cause: unknown): QuestlogError {
  const message = 'the database did not say whether it made the change: look before you send it again';
  return new QuestlogError('outcome_unknown', message, { cause });
}

/**
 * Whether a notice says that a commit was acknowledged though its standby has not confirmed it: after a failover it may be
 * gone. The name of the server's function is the same in each of its languages.
 */
export function isUnconfirmedCommit(notice: { readonly routine?: string | undefined }): boolean {
  return notice.routine === 'SyncRepWaitForLSN';
}

/** Whether a coordinator of Citus says that a node did not answer a commit, by the name of its function. */
function isUnansweredCommit(cause: unknown): boolean {
  return (
    cause instanceof Error && 'routine' in cause && cause.routine === 'ErrorIfPostCommitFailedShardPlacements'
  );
}

/** Whether the same work may succeed when it is done again from its beginning: nothing of it is stored. */
export function isPassing(error: unknown): boolean {
  return error instanceof QuestlogError && PASSING_CODES.has(sqlstateOf(error.cause) ?? '');
}

function isRefused(cause: unknown): boolean {
  if (cause instanceof Error && REFUSED_TEXT.test(cause.message)) return true;
  return REFUSED_CODES.has(sqlstateOf(cause) ?? '');
}
