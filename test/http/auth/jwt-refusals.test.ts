import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJwtAuth, type JwtAuthOptions } from '../../../src/http/auth/jwt.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';
import type { SigningKey } from '../../support/signing.ts';
import { BAD_TIMES, BAD_TOKENS } from '../../support/tokens.ts';

const denied = expect.objectContaining({ name: 'QuestlogError', code: 'unauthenticated' });

const GOOD = { issuer: 'https://id.example', audience: 'questlog' };

test.each<[string, Record<string, unknown>]>([
  ['issuer', { issuer: undefined }],
  ['issuer', { issuer: 'id.example' }],
  ['issuer', { issuer: 'file:///etc/keys' }],
  ['issuer', { issuer: 'https://' }],
  ['issuer', { issuer: ['https://id.example'] }],
  ['audience', { audience: undefined }],
  ['audience', { audience: '' }],
  ['audience', { audience: [] }],
  ['audience', { audience: ['questlog', undefined] }],
  ['audience', { audience: 7 }],
  ['jwksUrl', { jwksUrl: '/keys' }],
  ['jwksUrl', { jwksUrl: null }],
  ['algorithms', { algorithms: [] }],
  ['algorithms', { algorithms: 'RS256' }],
  ['algorithms', { algorithms: ['RS256', 'HS256'] }],
  ['algorithms', { algorithms: ['none'] }],
  ['algorithms', { algorithms: [undefined] }],
  ['userId', { userId: 'sub' }],
])('a wrong %s (%j) is refused by its name when the server starts', (field, change) => {
  const options = { ...GOOD, ...change } as unknown as JwtAuthOptions;
  expect(() => createJwtAuth(options)).toThrow(
    expect.objectContaining({ code: 'invalid_configuration', errors: [expect.objectContaining({ field })] }),
  );
  expect(() => createJwtAuth(options)).toThrow(new RegExp(`^${field} must be `));
});

test('a request without a token is told what to send', async () => {
  const authenticate = createJwtAuth(GOOD);
  for (const headers of [{}, { authorization: 'Basic YTpi' }, { 'x-stack-access-token': 'a.b.c' }]) {
    await expect(authenticate({ headers })).rejects.toThrow(/^Sign in: .* authorization header/);
    await expect(authenticate({ headers })).rejects.toEqual(denied);
  }
});

test.each(['opaque', 'stackauth_e30=', 'a.b', 'a.b.c.d.e', 'a.b.', `a.b.${'c'.repeat(8_192)}`])(
  'what is no signed JWT is refused: Bearer %.20s',
  async (token) => {
    const refused = createJwtAuth(GOOD)({ headers: { authorization: `Bearer ${token}` } });
    await expect(refused).rejects.toThrow(/^The authorization header does not hold an access token/);
  },
);

test.each([...BAD_TOKENS, ...BAD_TIMES.slice(1)])('a token for %s is refused', async (_name, sign, told) => {
  const provider = await startOidcProvider();
  const authenticate = createJwtAuth(provider.options);
  const headers = { authorization: `Bearer ${await sign(provider)}` };
  await expect(authenticate({ headers })).rejects.toEqual(denied);
  await expect(authenticate({ headers })).rejects.toThrow(told);
});

test('whatever a token is made of, the answer is a 401', async () => {
  const provider = await startOidcProvider();
  const authenticate = createJwtAuth(provider.options);
  const { kid } = provider.signingKeys[0] as SigningKey;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url') || 'AA';
  const alg = fc.constantFrom('ES256', 'RS256', 'HS256', 'EdDSA', 'none', 'dir', 'toString');
  const header = fc.oneof(
    fc.jsonValue(),
    fc.record({ alg, kid: fc.oneof(fc.constant(kid), fc.jsonValue()), crit: fc.jsonValue() }),
    fc.record({ alg, kid: fc.constant(kid), b64: fc.boolean(), typ: fc.jsonValue() }),
  );
  const signature = fc.uint8Array({ minLength: 1, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(header, fc.jsonValue(), signature, async (head, claims, bytes) => {
      const token = `${part(head)}.${part(claims)}.${Buffer.from(bytes).toString('base64url')}`;
      await expect(authenticate({ headers: { authorization: `Bearer ${token}` } })).rejects.toEqual(denied);
    }),
    { numRuns: 300 },
  );
});

test('an error holds no part of the token and no claim', async () => {
  const provider = await startOidcProvider();
  const authenticate = createJwtAuth(provider.options);
  for (const options of [{ expiresIn: -60 }, { claims: { aud: 'S3cr3t' } }, { claims: { sub: 7 } }]) {
    const token = await provider.sign({
      ...options,
      claims: { email: 'ada@example.com', ...options.claims },
    });
    const error = await Promise.resolve(
      authenticate({ headers: { authorization: `Bearer ${token}` } }),
    ).catch((thrown: unknown) => thrown);
    const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    for (const secret of ['ada@example.com', 'S3cr3t', ...token.split('.')])
      expect(shown).not.toContain(secret);
  }
});
