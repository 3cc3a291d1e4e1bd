import { describe, expect, test } from 'vitest';
import { createJwtAuth, type JwtAuthOptions } from '../../../src/http/auth/jwt.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';
import { KNOWN_PROVIDERS } from '../../support/provider-shapes.ts';
import { createSigningKey, type SigningKey } from '../../support/signing.ts';

const denied = expect.objectContaining({ name: 'QuestlogError', code: 'unauthenticated' });

/** Signs in with a token, where these options hold. */
async function signIn(options: JwtAuthOptions, token: string): Promise<unknown> {
  return createJwtAuth(options)({ headers: { authorization: `Bearer ${token}` } });
}

describe.each(KNOWN_PROVIDERS)('with the tokens of $name', (shape) => {
  const { audience, userClaim = 'sub', sub, userId } = shape;

  async function start() {
    const provider = await startOidcProvider(shape);
    const options = {
      issuer: provider.issuer,
      audience,
      userId: (claims: Record<string, unknown>) => claims[userClaim],
    };
    return { provider, options };
  }

  test('a user is known until the token expires, wherever the keys are said to be', async () => {
    const { provider, options } = await start();
    const token = await provider.sign({ userId: sub });
    const user = { userId, expiresAt: provider.claims().exp };
    for (const jwksUrl of [undefined, provider.jwksUrl]) {
      const known = await signIn({ ...options, jwksUrl }, token);
      expect(known).toEqual({ userId, expiresAt: expect.any(Number) });
      expect((known as typeof user).expiresAt).toBeCloseTo(user.expiresAt as number, -1);
    }
  });

  test('a slash at the end of the issuer, or none, makes no difference', async () => {
    const { provider, options } = await start();
    const bare = options.issuer.replace(/\/$/, '');
    for (const issuer of [bare, `${bare}/`]) {
      for (const iss of [bare, `${bare}/`]) {
        const token = await provider.sign({ userId: sub, claims: { iss } });
        expect(await signIn({ ...options, issuer }, token)).toMatchObject({ userId });
      }
    }
  });

  test('keys that do not say their algorithm are used', async () => {
    const { provider, options } = await start();
    const [first, second] = provider.signingKeys as [SigningKey, SigningKey];
    const { alg: _alg, ...jwk } = first.jwk;
    provider.signingKeys.splice(0, 2, { ...first, jwk: jwk as never }, second);
    expect(await signIn(options, await provider.sign({ userId: sub }))).toMatchObject({ userId });
  });

  test('tokens for another client of the provider are refused', async () => {
    const { provider, options } = await start();
    const token = await provider.sign({ userId: sub, claims: { aud: 'another-client' } });
    const refused = signIn({ ...options, audience: audience ?? 'questlog' }, token);
    await expect(refused).rejects.toThrow(/its aud claim is not accepted$/);
  });
});

test.each(['RS256', 'PS256', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
  'signatures of %s are taken, unless others are asked for',
  async (alg) => {
    const provider = await startOidcProvider();
    const key = await createSigningKey(undefined, alg);
    provider.signingKeys.unshift(key);
    const token = await provider.sign();
    expect(await signIn(provider.options, token)).toMatchObject({ userId: 'user-1' });
    const refused = signIn({ ...provider.options, algorithms: ['PS384'] }, token);
    await expect(refused).rejects.toThrow(/its algorithm is not accepted$/);
  },
);

test.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'AT+JWT'])(
  'a token that says it is %s is taken',
  async (typ) => {
    const provider = await startOidcProvider();
    const token = await provider.sign({ header: { typ: typ as string } });
    expect(await signIn(provider.options, token)).toMatchObject({ userId: 'user-1' });
  },
);

test.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'application/client-authentication+jwt', 'jwtx', ''])(
  'a token that says it is %j is refused: the same keys sign other things',
  async (typ) => {
    const provider = await startOidcProvider();
    await expect(signIn(provider.options, await provider.sign({ header: { typ } }))).rejects.toEqual(denied);
  },
);

test('one of several audiences is enough, on either side', async () => {
  const provider = await startOidcProvider();
  const audience = ['web', 'phone'];
  for (const aud of ['phone', ['web'], ['other', 'phone']]) {
    const token = await provider.sign({ claims: { aud } });
    expect(await signIn({ ...provider.options, audience }, token)).toMatchObject({ userId: 'user-1' });
  }
  for (const aud of ['other', [], ['we', 'webphone'], undefined]) {
    await expect(
      signIn({ ...provider.options, audience }, await provider.sign({ claims: { aud } })),
    ).rejects.toEqual(denied);
  }
});

test('with no audience asked for, tokens are taken whoever they are for', async () => {
  const provider = await startOidcProvider();
  for (const aud of [undefined, 'anybody', ['a', 'b']]) {
    const token = await provider.sign({ claims: { aud } });
    expect(await signIn({ ...provider.options, audience: null }, token)).toMatchObject({ userId: 'user-1' });
  }
});

test('the id of a user may be anywhere in the claims, and be made of several', async () => {
  const provider = await startOidcProvider();
  const claims = { 'https://acme.example/user': { id: 'ada' }, tenant: 't1' };
  const token = await provider.sign({ claims });
  const userId: JwtAuthOptions['userId'] = ({ tenant, ...rest }) =>
    `${tenant}/${Reflect.get(Object(rest['https://acme.example/user']), 'id')}`;
  expect(await signIn({ ...provider.options, userId }, token)).toMatchObject({ userId: 't1/ada' });
});

test.each([undefined, null, 42, 2 ** 53, true, ['ada'], { id: 'ada' }, '', 'a\0', 'x'.repeat(256)])(
  'a claim that holds %j names no user',
  async (claim) => {
    const provider = await startOidcProvider();
    const token = await provider.sign({ claims: { user: claim } });
    const options = { ...provider.options, userId: (claims: Record<string, unknown>) => claims.user };
    await expect(signIn(options, token)).rejects.toThrow(/^The access token names no user$/);
  },
);
