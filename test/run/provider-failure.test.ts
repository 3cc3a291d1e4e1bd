import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeError } from '../../src/describe-error.ts';
import { toProviderFailure } from '../../src/run/outcome/provider-failure.ts';
import { REPLIES, type Said } from './provider-replies.ts';

/** As the client of OpenAI makes it of the `error` in a body: what stands elsewhere in the body is lost. */
class APIError extends Error {
  readonly error: Readonly<Record<string, unknown>> | undefined;
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  readonly code: unknown;
  readonly type: unknown;

  constructor(status: number | undefined, error: APIError['error'], said?: string, headers?: Headers) {
    super(`${status ?? ''} ${error?.message ?? said ?? 'status code (no body)'}`);
    this.status = status;
    this.headers = headers;
    this.error = error;
    this.code = error?.code;
    this.type = error?.type;
  }
}

const textOf = (body: object | string) => (typeof body === 'string' ? body : JSON.stringify(body));

/** The errors that clients make of a reply. */
const CLIENTS: Readonly<Record<string, (said: Said) => unknown>> = {
  'of OpenAI': ({ status, body, headers }) =>
    typeof body === 'string'
      ? new APIError(status, undefined, body, new Headers(headers))
      : new APIError(status, Reflect.get(body, 'error'), undefined, new Headers(headers)),
  'of the Vercel AI SDK': ({ status, body, headers }) =>
    Object.assign(new Error('Bad Request'), {
      name: 'AI_APICallError',
      statusCode: status,
      responseBody: textOf(body),
      responseHeaders: headers,
      headers,
    }),
  'like axios': ({ status, body, headers }) =>
    Object.assign(new Error(`Request failed with status code ${status}`), {
      name: 'AxiosError',
      response: { status, data: body, headers },
    }),
};
const WRAPPINGS: Readonly<Record<string, (error: unknown) => unknown>> = {
  'as it is': (error) => error,
  'as a cause': (error) => new Error('the model failed', { cause: error }),
  'as the last of several': (error) => Object.assign(new Error('gave up'), { lastError: error }),
};

describe.each(Object.keys(CLIENTS))('the error of a client %s', (client) => {
  test.each(REPLIES)('tells %s (%s), and what a client is told is ours', (_who, code, said) => {
    for (const [form, wrap] of Object.entries(WRAPPINGS)) {
      const failure = toProviderFailure(wrap(CLIENTS[client]?.(said)));
      expect(failure?.code, form).toBe(code);
      expect(failure?.message).toMatch(/^(the|this) [a-z ,']+$/);
    }
  });
});

test.each([
  ['refused', 'ECONNREFUSED'],
  ['reset', 'ECONNRESET'],
  ['unknown to the DNS', 'ENOTFOUND'],
  ['broken in the middle', 'UND_ERR_SOCKET'],
])('a connection that is %s is a provider that is away', (_how, code) => {
  const cause = Object.assign(new Error(`connect ${code} 10.0.0.7:443`), { code });
  expect(toProviderFailure(new TypeError('fetch failed', { cause }))?.code).toBe('model_unavailable');
  expect(toProviderFailure(cause)?.code).toBe('model_unavailable');
});

test('an error in the middle of a stream has no status, but codes, also as numbers', () => {
  const inStream = (error: Record<string, unknown>) =>
    toProviderFailure(new APIError(undefined, error))?.code;
  expect(inStream({ type: 'overloaded_error', message: 'Overloaded' })).toBe('model_unavailable');
  expect(inStream({ code: 502, message: 'Provider returned error' })).toBe('model_unavailable');
  expect(inStream({ code: '429', message: 'slow down' })).toBe('model_rate_limited');
  expect(inStream({ code: 'server_is_overloaded', type: 'service_unavailable_error' })).toBe(
    'model_unavailable',
  );
  expect(inStream({ message: 'odd' })).toBe('model_failed');
});

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  [{ 'retry-after': '7' }, 7],
  [{ 'Retry-After': '7.2' }, 8],
  [{ 'retry-after': 'Sun, 22 Nov 2026 12:01:30 GMT' }, 90],
  [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 1],
  [{ 'retry-after': '0' }, 1],
  [{ 'retry-after': '999999999' }, 86_400],
  [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 2],
  [{ 'retry-after': 'soon' }, 10],
  [{}, 10],
])('a provider that says %o is asked again after %i seconds', (headers, seconds) => {
  for (const make of Object.values(CLIENTS)) {
    const failure = toProviderFailure(make({ status: 429, body: '', headers }), [], NOW);
    expect(failure?.details).toEqual({ retry_after: seconds });
  }
});

test('only who may come back is told when', () => {
  const headers = { 'retry-after': '7' };
  const of = (status: number, named: object) =>
    toProviderFailure(Object.assign(new Error('x'), { status, headers: named }))?.details;
  expect(of(503, headers)).toEqual({ retry_after: 7 });
  expect(of(503, {})).toEqual({});
  for (const status of [400, 401, 402, 404, 413, 418]) expect(of(status, headers)).toEqual({});
});

test('no secret is in what the log is told, wherever and however often the provider repeats it', async () => {
  const secret = fc.stringMatching(/^[!-~]{6,40}$/).filter((text) => !'[redacted]'.includes(text));
  const key = fc.stringMatching(/^(sk|key|token)[-_][A-Za-z0-9*_.-]{8,30}$/);
  const word = fc.string({ maxLength: 8 });
  await fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 3 }),
      key,
      fc.array(word, { minLength: 2, maxLength: 6 }),
      (secrets, quoted, words) => {
        const said = words.join(` ${secrets.join(' ')} Bearer ${quoted} ${quoted} `);
        const cause = Object.assign(new Error(said), { code: secrets[0] });
        const error = Object.assign(new Error(said, { cause }), {
          status: 429,
          code: said,
          headers: { said },
        });
        const failure = toProviderFailure(error, [...secrets, '', 'a', 'the']);
        const logged = JSON.stringify(describeError(failure));
        for (const text of [...secrets, quoted])
          expect(logged).not.toContain(JSON.stringify(text).slice(1, -1));
        expect(JSON.stringify(failure)).not.toContain(JSON.stringify(said).slice(1, -1));
        expect(logged.length).toBeLessThan(10_000);
      },
    ),
  );
});

test('an error that contains itself, or much, is read once', () => {
  const error = Object.assign(new Error('x'), { status: 503, error: {}, response: {} });
  Object.assign(error, { cause: error, error, response: { error, data: error } });
  expect(toProviderFailure(error)?.code).toBe('model_unavailable');
});
