import { type ErrorCode, QuestlogError } from '../errors.ts';
import { toProblem as describeProblem } from '../wire/problem.ts';
import type { Problem } from '../wire/problem-schema.ts';

/**
 * The errors of Fastify (`FST_ERR_CTP_…`, fastify/lib/errors.js) and of its static files that a client can cause, by their
 * status.
 */
const FROM_STATUS: Record<number, { readonly code: ErrorCode; readonly message: string }> = {
  400: { code: 'invalid_request', message: 'the request cannot be read' },
  401: { code: 'unauthenticated', message: 'sign in first' },
  403: { code: 'not_found', message: 'there is nothing here' },
  404: { code: 'not_found', message: 'there is nothing here' },
  412: { code: 'precondition_failed', message: 'this has changed since' },
  413: { code: 'payload_too_large', message: 'the body is larger than the limit' },
  414: { code: 'invalid_request', message: 'the URL is too long' },
  415: { code: 'unsupported_media_type', message: 'the body must be JSON (Content-Type: application/json)' },
  429: { code: 'rate_limited', message: 'too many requests: wait a little' },
  503: { code: 'shutting_down', message: 'the server is shutting down' },
};

/** Any thrown value as a `QuestlogError`. What is not ours becomes `internal`, its text kept from the client. */
export function toQuestlogError(error: unknown): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const status = statusOf(error);
  const known = FROM_STATUS[status] ?? (status >= 400 && status < 500 ? FROM_STATUS[400] : undefined);
  if (known === undefined)
    return new QuestlogError('internal', 'something went wrong here', { cause: error });
  const detail = status === 400 && error instanceof Error ? error.message : known.message;
  return new QuestlogError(known.code, detail, { cause: error });
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** What a client may read of any thrown value (RFC 9457): its `status` is that of the reply. */
export function toProblem(thrown: unknown): Problem {
  return describeProblem(toQuestlogError(thrown));
}

/** The headers of a reply whose body is this problem. */
export function problemHeaders({ status, retry_after }: Problem): Record<string, string> {
  return {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'private, no-store',
    ...(retry_after === undefined ? {} : { 'retry-after': String(retry_after) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

/** The reply to a request that failed. */
export function toProblemResponse(thrown: unknown): Response {
  const problem = toProblem(thrown);
  return new Response(JSON.stringify(problem), { status: problem.status, headers: problemHeaders(problem) });
}
