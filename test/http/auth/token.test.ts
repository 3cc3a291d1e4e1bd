import type { IncomingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuestlogError } from '../../../src/errors.ts';
import { readStackToken } from '../../../src/http/auth/token.ts';
import { TOKEN_FORMS } from '../../support/tokens.ts';

const TOKEN = 'aaaa.bbbb.cccc';
const OTHER = 'xxxx.yyyy.zzzz';
const REFRESH = 'refresh-token-worth-a-year';

const tokens = (accessToken: unknown) => JSON.stringify({ accessToken, refreshToken: REFRESH });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

function refusal(headers: IncomingHttpHeaders): QuestlogError {
  try {
    readStackToken(headers);
  } catch (error) {
    if (error instanceof QuestlogError) return error;
    throw error;
  }
  throw new Error('the headers were accepted');
}

test.each(TOKEN_FORMS)('an access token is read from %s', (_form, toHeaders) => {
  expect(readStackToken(toHeaders(TOKEN))).toBe(TOKEN);
});

test('the scheme of the header may be in another case', () => {
  expect(readStackToken({ authorization: `bearer  ${TOKEN} ` })).toBe(TOKEN);
});

test('both alphabets of base64 are read', () => {
  const json = JSON.stringify({ accessToken: TOKEN, refreshToken: '~~~???>>>ÿÿÿ' });
  expect(base64(json)).toMatch(/[+/]/);
  expect(base64url(json)).toMatch(/[-_]/);

  expect(readStackToken({ authorization: `Bearer stackauth_${base64(json)}` })).toBe(TOKEN);
  expect(readStackToken({ authorization: `Bearer stackauth_${base64url(json)}` })).toBe(TOKEN);
});

test('x-stack-access-token goes before x-stack-auth, and that before authorization', () => {
  const authorization = `Bearer ${OTHER}`;

  expect(
    readStackToken({ authorization, 'x-stack-auth': tokens(OTHER), 'x-stack-access-token': TOKEN }),
  ).toBe(TOKEN);
  expect(readStackToken({ authorization, 'x-stack-auth': tokens(TOKEN) })).toBe(TOKEN);
});

test('a header that cannot be read is refused, not skipped for another identity', () => {
  const authorization = `Bearer ${OTHER}`;

  expect(refusal({ authorization, 'x-stack-access-token': 'junk' }).message).toContain(
    'x-stack-access-token',
  );
  expect(refusal({ authorization, 'x-stack-auth': '{' }).message).toContain('x-stack-auth');
});

test.each<[string, IncomingHttpHeaders]>([
  ['no header', {}],
  ['the login of a proxy', { authorization: 'Basic YTpi' }],
  ['a bare scheme', { authorization: 'Bearer' }],
  ['the x-stack-auth of a signed-out client', { 'x-stack-auth': tokens(null) }],
  ['an x-stack-auth with a refresh token alone', { 'x-stack-auth': tokens(undefined) }],
])('a request with %s carries no token', (_name, headers) => {
  expect(readStackToken(headers)).toBeUndefined();
});

test.each<[string, IncomingHttpHeaders]>([
  ['an empty token', { 'x-stack-access-token': '' }],
  ['two tokens in one header', { 'x-stack-access-token': `${TOKEN}, ${OTHER}` }],
  ['the header twice', { 'x-stack-access-token': [TOKEN, OTHER] }],
  ['an unsigned token', { 'x-stack-access-token': 'aaaa.bbbb.' }],
  ['a token with a line break', { 'x-stack-auth': tokens(`${TOKEN}\n`) }],
  ['JSON that is not an object', { 'x-stack-auth': 'null' }],
  ['a token that is not a string', { 'x-stack-auth': tokens({ token: TOKEN }) }],
  ['JSON that breaks off', { 'x-stack-auth': tokens(TOKEN).slice(0, -3) }],
  ['base64 of something else', { authorization: `Bearer stackauth_${base64('hello')}` }],
  ['a key that is no token', { authorization: 'Bearer sk-123' }],
  ['a header of many kilobytes', { 'x-stack-access-token': `a.b.${'c'.repeat(8192)}` }],
  ['JSON of many kilobytes', { 'x-stack-auth': tokens(TOKEN) + ' '.repeat(8192) }],
])('%s is refused with a 401', (_name, headers) => {
  expect(refusal(headers).code).toBe('unauthenticated');
});

test('no token is in an error: not the refresh token, not the access token, not in a cause', () => {
  const broken = `x${tokens(TOKEN)}`;
  const headers = [
    { 'x-stack-auth': broken },
    { authorization: `Bearer stackauth_${base64(broken)}` },
    { 'x-stack-auth': tokens(`${TOKEN}.`) },
  ];

  for (const header of headers) {
    const error = refusal(header);
    expect(error.cause).toBeUndefined();
    expect(String(error.stack)).not.toMatch(/refresh-token-worth|aaaa/);
  }
});

test('whatever the headers hold, the answer is a token, nothing or a 401', () => {
  const value = fc.oneof(
    fc.string(),
    fc.json(),
    fc.string().map((text) => `Bearer ${text}`),
    fc.json().map((json) => `Bearer stackauth_${base64(json)}`),
    fc.json().map((json) => tokens(JSON.parse(json))),
  );
  const headers = fc.record(
    { 'x-stack-access-token': value, 'x-stack-auth': value, authorization: value },
    { requiredKeys: [] },
  );

  fc.assert(
    fc.property(headers, (given) => {
      try {
        expect(readStackToken(given) ?? TOKEN).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      } catch (error) {
        expect(error).toMatchObject({ name: 'QuestlogError', code: 'unauthenticated' });
      }
    }),
    { numRuns: 500 },
  );
});
