import type { ErrorCode, FieldProblem, QuestlogError } from '../errors.ts';
import type { Problem } from './problem-schema.ts';

/**
 * The HTTP status of each error code: the one place that knows. Of a model's provider it says who can act: 422, the
 * client, by sending something else; 429, 503, 504 and 502, anybody, by waiting; 500, only the server's operator, so
 * that no client tries again by itself. Never 401, 402 or 403, which are about the client's own credentials.
 */
export const STATUS: Record<ErrorCode, number> = {
  invalid_request: 400,
  invalid_item: 400,
  item_too_large: 413,
  payload_too_large: 413,
  unsupported_media_type: 415,
  upgrade_required: 426,
  request_timeout: 408,
  headers_too_large: 431,
  unauthenticated: 401,
  origin_refused: 403,
  auth_unavailable: 503,
  not_found: 404,
  chat_not_found: 404,
  alternative_not_found: 404,
  precondition_failed: 412,
  history_conflict: 409,
  rate_limited: 429,
  usage_limit: 429,
  overloaded: 503,
  context_too_long: 422,
  model_rate_limited: 429,
  model_quota_exceeded: 500,
  model_unauthorized: 500,
  model_not_found: 500,
  model_content_filtered: 422,
  model_input_refused: 422,
  model_unavailable: 503,
  model_timeout: 504,
  model_failed: 502,
  tools_unavailable: 502,
  compaction_failed: 502,
  run_failed: 500,
  run_refused: 422,
  run_cancelled: 409,
  run_interrupted: 503,
  run_not_found: 404,
  run_not_waiting: 409,
  events_expired: 410,
  agent_not_registered: 409,
  chat_busy: 409,
  approval_pending: 409,
  key_reused: 422,
  database_unavailable: 503,
  database_busy: 503,
  outcome_unknown: 503,
  database_closed: 503,
  database_locked: 503,
  database_full: 507,
  database_newer: 503,
  database_failed: 500,
  shutting_down: 503,
  invalid_configuration: 500,
  internal: 500,
};

/** Seconds to wait before another try, of what passes by itself. */
const RETRY_AFTER: Partial<Record<ErrorCode, number>> = {
  database_unavailable: 1,
  database_busy: 1,
};

/** RFC 9110's names of the statuses above. */
const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  507: 'Insufficient Storage',
};

/** Of the detail, and of each field and message, in UTF-16 units: what a client sends may be in them. */
const MAX_DETAIL_LENGTH = 1_000;
const MAX_FIELD_LENGTH = 200;
/** Of the JSON of all `errors`, and of each other member: together a reply has less than 16 KB. */
const MAX_ERRORS_BYTES = 6_000;
const MAX_MEMBER_BYTES = 3_000;

/** What a client may read of an error: never a stack, a statement or a value of the server's, and less than 16 KB. */
export function toProblem(error: QuestlogError): Problem {
  const status = STATUS[error.code];
  const small = Object.entries(error.details).filter(([, member]) => sizeOf(member) <= MAX_MEMBER_BYTES);
  const retryAfter = RETRY_AFTER[error.code];
  return {
    title: TITLES[status] ?? 'Error',
    status,
    code: error.code,
    detail: cut(error.message, MAX_DETAIL_LENGTH),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...Object.fromEntries(small),
    ...(error.errors.length > 0 ? { errors: firstOf(error.errors) } : {}),
  };
}

/** The first errors, as many as there is room for. */
function firstOf(errors: readonly FieldProblem[]): FieldProblem[] {
  let room = MAX_ERRORS_BYTES;
  return errors
    .map(({ field, message }) => ({
      field: cut(field, MAX_FIELD_LENGTH),
      message: cut(message, MAX_FIELD_LENGTH),
    }))
    .filter((error) => {
      room -= sizeOf(error);
      return room >= 0;
    });
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
