import { expect, test } from 'vitest';
import { describeError } from '../../src/describe-error.ts';
import { QuestlogError } from '../../src/errors.ts';
import { toRunFailure } from '../../src/run/outcome/failure.ts';

const provider = (message: string, fields: object = { status: 500 }) =>
  Object.assign(new Error(message), fields);

test.each([
  'sk-proj-4bC_dEfGhIjKlMnOp',
  'sk-ant-api03-xyz_123456',
  'sk-proj-********************abcd',
  'SK-1234567890',
  'key_1234567890',
  'token-a.b.c-1234',
])('a provider that quotes the key %s is quoted without it', (key) => {
  const { code, message } = toRunFailure(provider(`401 Incorrect API key provided: ${key}. See the docs`));
  expect(code).toBe('model_failed');
  expect(message).toMatch(/^the model's provider: 401 Incorrect API key provided: \[redacted\]/);
  expect(message).not.toContain(key.slice(-5));
});

test('what a provider says is passed on in full up to a thousand letters', () => {
  const said = 'the tokens of this request exceed the key limits: 5 > 4';
  expect(toRunFailure(provider(said)).message).toBe(`the model's provider: ${said}`);
  expect(toRunFailure(provider('x'.repeat(5_000))).message.length).toBeLessThan(1_100);
});

class APIError extends Error {}
class APIConnectionError extends APIError {}
class APIConnectionTimeoutError extends APIConnectionError {}
class MyConnectionError extends APIConnectionError {}

test.each([
  ['a status', provider('x', { status: 429 }), 'model_failed'],
  ['another name for the status', provider('x', { statusCode: 429 }), 'model_failed'],
  ['the class of a connection error', new APIConnectionError('x'), 'model_failed'],
  ['a class made of it', new MyConnectionError('x'), 'model_failed'],
  ['the class of a timeout', new APIConnectionTimeoutError('x'), 'model_timeout'],
  ['a signal that timed out', new DOMException('x', 'TimeoutError'), 'model_timeout'],
  ['a broken connection', new TypeError('terminated'), 'model_failed'],
  ['a reply that is no JSON', new SyntaxError('Unexpected token'), 'model_failed'],
  ['none of them', new Error('x'), 'run_failed'],
  ['no error at all', 'x', 'run_failed'],
  ['nothing', undefined, 'run_failed'],
  ['a database that is gone', new QuestlogError('database_unavailable', 'x'), 'database_unavailable'],
])('what was thrown is known by %s', (_form, thrown, code) => {
  expect(toRunFailure(thrown).code).toBe(code);
});

test('a log gets codes and places of a foreign error, never its words', () => {
  const cause = Object.assign(new TypeError('SECRET\nSECRET'), { code: 'E42', status: 7, detail: 'SECRET' });
  for (const error of [
    cause,
    new QuestlogError('run_failed', 'the run failed', { cause }),
    new QuestlogError('model_failed', 'the model said SECRET', { cause }),
    new QuestlogError('internal', 'wrong', { cause: new QuestlogError('invalid_item', 'SECRET', { cause }) }),
    'SECRET',
    { SECRET: 'SECRET' },
  ]) {
    expect(JSON.stringify(describeError(error))).not.toContain('SECRET');
  }
  expect(describeError(new QuestlogError('run_failed', 'the run failed', { cause }))).toEqual({
    code: 'run_failed',
    message: 'the run failed',
    cause: {
      type: 'TypeError',
      code: 'E42',
      status: 7,
      stack: expect.arrayContaining([expect.stringMatching(/^ +at /)]),
    },
  });
});
