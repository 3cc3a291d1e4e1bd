import { type ErrorCode, QuestlogError } from '../errors.ts';

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
