import { expect, test } from 'vitest';
import { checkUser, type User } from '../../../src/http/auth/authenticate.ts';
import { localUser } from '../../../src/http/auth/local.ts';

test('a user that an embedder returns is passed on as it is', () => {
  const user = { userId: 'ada', expiresAt: 1_900_000_000 };

  expect(checkUser(user)).toBe(user);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['no id', {}],
  ['an empty id', { userId: '' }],
  ['a number as id', { userId: 7 }],
  ['an id with a lone surrogate', { userId: 'a\ud800' }],
  ['an id with a NUL', { userId: 'a\u0000' }],
  ['an id longer than an index entry', { userId: 'a'.repeat(256) }],
  ['an expiry that is no number', { userId: 'ada', expiresAt: Number.NaN }],
])('an embedder that returns %s is told of its mistake with a 500, not a 401', (_name, returned) => {
  expect(() => checkUser(returned as User)).toThrow(expect.objectContaining({ code: 'internal' }));
});

test('a server without sign-in takes every request for its one user', async () => {
  expect(await localUser()({ headers: {} })).toEqual({ userId: 'local' });
  expect(await localUser('ada')({ headers: { authorization: 'Bearer x' } })).toEqual({ userId: 'ada' });
});

test('the one local user must have a usable id', () => {
  expect(() => localUser('')).toThrow(expect.objectContaining({ code: 'internal' }));
});
