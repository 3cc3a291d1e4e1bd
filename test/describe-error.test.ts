import { expect, test } from 'vitest';
import { describeError } from '../src/describe-error.ts';
import { QuestlogError } from '../src/errors.ts';

/** A chain of causes that comes back to its beginning, through an error of ours or of others alone. */
function circle(...links: readonly Error[]): Error {
  for (const [index, link] of links.entries()) link.cause = links[(index + 1) % links.length];
  return links[0] as Error;
}

const own = () => new QuestlogError('internal', 'ours');

test('a chain of causes that is a circle is told to a bounded depth, whoever made its errors', () => {
  for (const error of [
    circle(own()),
    circle(own(), own()),
    circle(own(), new Error('theirs')),
    circle(new Error('theirs'), own(), new TypeError('theirs')),
    circle(new Error('theirs')),
  ]) {
    const told = JSON.stringify(describeError(error));
    expect(told.match(/"cause"/g)).toHaveLength(3);
  }
});

test('what fetch failed of is told, also below an error of ours', () => {
  const socket = Object.assign(new Error('SECRET'), { code: 'ENOTFOUND', hostname: 'idp.example' });
  const cause = new TypeError('fetch failed', { cause: new Error('SECRET', { cause: socket }) });
  const told = describeError(new QuestlogError('auth_unavailable', 'the keys are away', { cause }));
  expect(told).toEqual({
    code: 'auth_unavailable',
    message: 'the keys are away',
    cause: {
      type: 'TypeError',
      cause: { type: 'Error', cause: { type: 'Error', code: 'ENOTFOUND', hostname: 'idp.example' } },
    },
  });
});
