import type { TSchema } from 'typebox';
import { Problem } from '../wire/problem-schema.ts';

const DESCRIPTIONS = {
  400: 'Something in the request is wrong: `errors` names each field',
  401: 'No user: the token is missing, wrong or expired',
  403: 'Pages of this origin may not do this',
  404: 'No such chat, alternative or run of this user',
  409: 'The chat is busy (`run_id` says with what), or the run is not in a state for this',
  410: 'The events of the run are not kept any more; its result is at `/runs/{run_id}`',
  412: 'The chat has changed since it was read',
  413: 'The body or an item is too large',
  415: 'The body is not JSON (`Content-Type: application/json`)',
  422: 'A guardrail or the model’s provider refused, or the `Idempotency-Key` was used for another request',
  426: 'This is a WebSocket',
  429:
    'Too many requests, here or at the model’s provider, or you have used up what you may use in a day ' +
    '(`usage_limit`): `Retry-After` says how long to wait',
  500: 'The run or the server failed',
  502: 'The model failed',
  503:
    'A service that is needed cannot be reached, or the server has too much to do or is shutting down; with ' +
    '`outcome_unknown` the change may have been made',
  504: 'The model took too long',
} as const;

/** The problem replies of a route, for its documentation. Every route can answer 401, 429 and 503. */
export function problems(...statuses: (keyof typeof DESCRIPTIONS)[]): Record<number, unknown> {
  const all = [...statuses, 401, 429, 503] as const;
  return Object.fromEntries(
    all.map((status) => [
      status,
      { description: DESCRIPTIONS[status], content: { 'application/problem+json': { schema: Problem } } },
    ]),
  );
}

/** Those of a route that changes something: a body may be wrong also where none is asked for. */
export function problemsOfChange(...statuses: (keyof typeof DESCRIPTIONS)[]): Record<number, unknown> {
  return problems(400, 403, 413, 415, ...statuses);
}

/** A reply with a body, for the documentation. */
export function reply(schema: TSchema, description: string): unknown {
  return { description, content: { 'application/json': { schema } } };
}
