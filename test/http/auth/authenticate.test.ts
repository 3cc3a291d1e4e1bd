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
  const host = 'localhost:8000';
  expect(await localUser()({ headers: { host } })).toEqual({ userId: 'local' });
  expect(await localUser('ada')({ headers: { host, authorization: 'Bearer x' } })).toEqual({ userId: 'ada' });
});

test('the one local user must have a usable id', () => {
  expect(() => localUser('')).toThrow(expect.objectContaining({ code: 'internal' }));
});

test.each(['evil.example', 'evil.example:8000', 'localhost.evil.example', '127.0.0.1.evil.example', ''])(
  'a page that points its own name %j at this machine is refused',
  (host) => {
    expect(() => localUser()({ headers: { host } })).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  },
);

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:8000', '127.8.9.1', '[::1]:8000', '[::1]'])(
  'this machine by the name %s is served',
  async (host) => {
    expect(await localUser()({ headers: { host } })).toEqual({ userId: 'local' });
  },
);
