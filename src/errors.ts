/** One thing wrong with a request, with the JSON pointer or name of the field it is about. */
export interface FieldProblem {
  /** A JSON pointer, or the name of an argument or option. */
  readonly field: string;
  /** What is wrong with it, for people. */
  readonly message: string;
}

/**
 * Every way in which Questlog refuses or fails, by its stable name.
 * The HTTP status of each is in `src/wire/problem.ts`.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'invalid_item'
  | 'item_too_large'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'upgrade_required'
  | 'request_timeout'
  | 'headers_too_large'
  | 'unauthenticated'
  | 'origin_refused'
  | 'auth_unavailable'
  | 'not_found'
  | 'chat_not_found'
  | 'alternative_not_found'
  | 'precondition_failed'
  | 'history_conflict'
  | 'rate_limited'
  | 'usage_limit'
  | 'overloaded'
  | 'context_too_long'
  | 'model_rate_limited'
  | 'model_quota_exceeded'
  | 'model_unauthorized'
  | 'model_not_found'
  | 'model_content_filtered'
  | 'model_input_refused'
  | 'model_unavailable'
  | 'model_timeout'
  | 'model_failed'
  | 'tools_unavailable'
  | 'compaction_failed'
  | 'run_failed'
  | 'run_refused'
  | 'run_cancelled'
  | 'run_interrupted'
  | 'run_not_found'
  | 'run_not_waiting'
  | 'events_expired'
  | 'agent_not_registered'
  | 'chat_busy'
  | 'approval_pending'
  | 'key_reused'
  | 'database_unavailable'
  | 'database_busy'
  | 'outcome_unknown'
  | 'database_closed'
  | 'database_locked'
  | 'database_full'
  | 'database_newer'
  | 'database_failed'
  | 'shutting_down'
  | 'invalid_configuration'
  | 'internal';

export interface ErrorOptions {
  readonly cause?: unknown;
  /** Each field that is wrong, when the error is about input. */
  readonly errors?: readonly FieldProblem[];
  /** What a client needs to go on, such as the `run_id` that a chat is busy with. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What others said, for the log alone, without secrets: it stands there in place of the cause. */
  readonly diagnosis?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of Questlog. Branch on `code`; the message is for people and may change.
 *
 * @example
 * try { await session.addItems(items); } catch (error) {
 *   if (error instanceof QuestlogError && error.code === 'chat_not_found') { … }
 * }
 */
export class QuestlogError extends Error {
  override readonly name = 'QuestlogError';
  /** Branch on this. */
  readonly code: ErrorCode;
  /** Each field that is wrong, when it is about input. */
  readonly errors: readonly FieldProblem[];
  /** What a caller needs to go on, such as the `run_id` that a chat is busy with. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Private, so that nobody sends it to a client by making JSON of the error. */
  readonly #diagnosis: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.details = options.details ?? {};
    this.#diagnosis = options.diagnosis;
  }

  /** What others said, for the log alone. */
  get diagnosis(): Readonly<Record<string, unknown>> | undefined {
    return this.#diagnosis;
  }
}

/** The error for one field of the caller's input. */
export function invalidField(
  field: string,
  message: string,
  code: ErrorCode = 'invalid_request',
): QuestlogError {
  return new QuestlogError(code, `${field} ${message}`, { errors: [{ field, message }] });
}

/**
 * For options, which JavaScript lets one forget to put into an object: they would be ignored without a word.
 *
 * @throws QuestlogError naming the argument.
 */
export function assertObject(name: string, value: unknown, code?: ErrorCode): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidField(name, 'must be an object', code);
}

/** What Node says of an `import` and of a `require` that finds nothing. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * For packages that Questlog works with and does not bring: what to do where one is missing.
 *
 * @example
 * await import('pg').catch(explainMissing('pg'));
 */
export function explainMissing(name: string, install = name): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (!NOT_FOUND.has(code) || !String(message).includes(`'${name}'`)) throw error;
    throw new QuestlogError('invalid_configuration', `${name} is not installed: npm install ${install}`, {
      cause: error,
    });
  };
}
