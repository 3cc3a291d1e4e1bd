import { ModelBehaviorError, UserError } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { describeError } from '../../src/describe-error.ts';
import { QuestlogError } from '../../src/errors.ts';
import { toRunFailure } from '../../src/run/outcome/failure.ts';

const provider = (message: string, fields: object = { status: 500 }) =>
  Object.assign(new Error(message), fields);

class APIError extends Error {}
class APIConnectionError extends APIError {}
class APIConnectionTimeoutError extends APIConnectionError {}
class MyConnectionError extends APIConnectionError {}

test.each([
  ['a status', provider('x', { status: 429 }), 'model_rate_limited'],
  ['another name for the status', provider('x', { statusCode: 429 }), 'model_rate_limited'],
  ['the class of a connection error', new APIConnectionError('x'), 'model_unavailable'],
  ['a class made of it', new MyConnectionError('x'), 'model_unavailable'],
  ['the class of any error of a client', new APIError('x'), 'model_failed'],
  ['the class of a timeout', new APIConnectionTimeoutError('x'), 'model_timeout'],
  ['a signal that timed out', new DOMException('x', 'TimeoutError'), 'model_timeout'],
  ['a broken connection', new TypeError('terminated'), 'model_unavailable'],
  ['a reply that is no JSON', new SyntaxError('Unexpected token'), 'model_failed'],
  ['what a model may not do', new ModelBehaviorError('Tool SECRET not found'), 'model_failed'],
  ['what the SDK cannot send', new UserError('Unsupported item {"maximum context length"}'), 'run_failed'],
  ['none of them', new Error('x'), 'run_failed'],
  ['no error at all', 'x', 'run_failed'],
  ['nothing', undefined, 'run_failed'],
  ['a database that is gone', new QuestlogError('database_unavailable', 'x'), 'database_unavailable'],
])('what was thrown is known by %s', (_form, thrown, code) => {
  const failure = toRunFailure(thrown);
  expect(failure.code).toBe(code);
  expect(JSON.stringify(describeError(failure))).not.toContain('SECRET');
});

test('a log gets codes and places of a foreign error, never its words', () => {
  const cause = Object.assign(new TypeError('SECRET\nSECRET'), { code: 'E42', status: 7, detail: 'SECRET' });
  for (const error of [
    cause,
    new QuestlogError('run_failed', 'the run failed', { cause }),
    new QuestlogError('model_failed', 'the model failed', { cause }),
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
