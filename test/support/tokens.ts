import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { createSigningKey, type SigningKey, type StackAuthStub, type TokenOptions } from './stack-auth.ts';

/** Every header in which a client may send its token. */
export const TOKEN_FORMS: readonly (readonly [
  name: string,
  headers: (token: string) => Record<string, string>,
])[] = [
  ['x-stack-access-token', (token) => ({ 'x-stack-access-token': token })],
  ['the x-stack-auth of getAuthHeaders()', (token) => ({ 'x-stack-auth': toJson(token) })],
  ['Bearer stackauth_ and base64', (token) => bearer(`stackauth_${encode(token, 'base64')}`)],
  ['Bearer stackauth_ and base64url', (token) => bearer(`stackauth_${encode(token, 'base64url')}`)],
  ['Bearer hexclave_', (token) => bearer(`hexclave_${encode(token, 'base64')}`)],
  ['Bearer and the token itself', bearer],
];

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function toJson(accessToken: string): string {
  return JSON.stringify({ accessToken, refreshToken: 'refresh-token-worth-a-year' });
}

function encode(token: string, encoding: 'base64' | 'base64url'): string {
  return Buffer.from(toJson(token)).toString(encoding);
}

const NOT_VALID = /^The access token is not valid here/;
const UNREADABLE = /^The [a-z-]+ header does not hold an access token that is a signed JWT$/;
const NO_USER = /^The access token names no user$/;

type Sign = (stack: StackAuthStub) => Promise<string>;

/** Every kind of token that opens nothing, and what its bearer is told. */
export const BAD_TOKENS: readonly (readonly [why: string, sign: Sign, told: RegExp])[] = [
  ...(
    [
      ['an anonymous user', { kind: 'anonymous' }, NOT_VALID],
      ['a restricted user', { kind: 'restricted' }, NOT_VALID],
      ['claims of an anonymous user', { claims: { is_anonymous: true } }, /^Anonymous users have no access/],
      ['claims of a restricted user', { claims: { is_restricted: true } }, /^This account is restricted/],
      ['another branch', { claims: { branch_id: 'preview' } }, /another branch$/],
      ['no branch', { claims: { branch_id: undefined } }, /another branch$/],
      ['an expired session', { expiresIn: -6 }, /^The access token has expired/],
      ['a time to come', { claims: { nbf: Math.floor(Date.now() / 1_000) + 3_600 } }, NOT_VALID],
      ['another issuer', { claims: { iss: 'https://evil.example' } }, NOT_VALID],
      ['another audience', { claims: { aud: 'someone-else' } }, NOT_VALID],
      ['no user', { claims: { sub: undefined } }, NO_USER],
      ['an empty user', { claims: { sub: '' } }, NO_USER],
      ['a user that is a number', { claims: { sub: 7 } }, NO_USER],
      ['a user with a NUL', { claims: { sub: 'a\0b' } }, NO_USER],
      ['a user with a lone surrogate', { claims: { sub: 'a\ud800' } }, NO_USER],
      ['a user of 300 bytes', { claims: { sub: 'x'.repeat(300) } }, NO_USER],
      ['no expiry', { claims: { exp: undefined } }, NOT_VALID],
      ['an expiry that is no number', { claims: { exp: 'never' } }, NOT_VALID],
      ['no time of issue', { claims: { iat: undefined } }, NOT_VALID],
      ['no issuer', { claims: { iss: undefined } }, NOT_VALID],
      ['no audience', { claims: { aud: undefined } }, NOT_VALID],
      ['a key id that is a path', { header: { kid: '../../../dev/null' } }, NOT_VALID],
      ['an empty key id', { header: { kid: '' } }, NOT_VALID],
      ['a key id that is a number', { header: { kid: 0 as never } }, NOT_VALID],
      ['a key id that is SQL', { header: { kid: "x' union select 'key" } }, NOT_VALID],
    ] satisfies [string, TokenOptions, RegExp][]
  ).map(([why, options, told]) => [why, (stack: StackAuthStub) => stack.sign(options), told] as const),
  [
    'the id of another key of the project',
    (stack) => sign(stack, { header: { kid: kidOf(stack, 1) } }),
    NOT_VALID,
  ],
  [
    'a key that only claims its id',
    async (stack) => sign(stack, { key: await createSigningKey(kidOf(stack)) }),
    NOT_VALID,
  ],
  ['an unknown key', async (stack) => sign(stack, { key: await createSigningKey() }), NOT_VALID],
  ['an unknown key without an id', signWithoutId, NOT_VALID],
  ['a key that the token brings along', signWithOwnKey, NOT_VALID],
  ['an unknown extension', signWithExtension, NOT_VALID],
  ['a changed claim', signThenChange, NOT_VALID],
  [
    'a changed signature',
    async (stack) => `${(await stack.sign()).slice(0, -20)}${'A'.repeat(20)}`,
    NOT_VALID,
  ],
  ['no signature', async (stack) => new UnsecuredJWT(stack.claims()).encode(), UNREADABLE],
  ['no algorithm beside a signature', signThenUnsign, NOT_VALID],
  [
    'HS256 with the public key as PEM',
    async (stack) => signWithSecret(stack, await toPem(keyOf(stack))),
    NOT_VALID,
  ],
  [
    'HS256 with the public key as JWK',
    (stack) => signWithSecret(stack, JSON.stringify(keyOf(stack).jwk)),
    NOT_VALID,
  ],
  [
    'HS256 with a coordinate of the key',
    (stack) => signWithSecret(stack, String(keyOf(stack).jwk.x)),
    NOT_VALID,
  ],
  ['RS256', signWithRsa, NOT_VALID],
];

function keyOf(stack: StackAuthStub, index = 0): SigningKey {
  return stack.keys.normal[index] as SigningKey;
}

function kidOf(stack: StackAuthStub, index = 0): string {
  return keyOf(stack, index).kid;
}

function sign(stack: StackAuthStub, options: TokenOptions): Promise<string> {
  return stack.sign(options);
}

async function signWithoutId(stack: StackAuthStub): Promise<string> {
  return stack.sign({ key: await createSigningKey(), header: { kid: undefined as never } });
}

async function signWithOwnKey(stack: StackAuthStub): Promise<string> {
  const key = await createSigningKey();
  return stack.sign({
    key,
    header: { jwk: key.jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example' },
  });
}

function signWithExtension(stack: StackAuthStub): Promise<string> {
  return new SignJWT(stack.claims())
    .setProtectedHeader({ alg: 'ES256', kid: kidOf(stack), crit: ['x'], x: 1 })
    .sign(keyOf(stack).privateKey, { crit: { x: true } });
}

async function signThenChange(stack: StackAuthStub): Promise<string> {
  const [header, , signature] = (await stack.sign()).split('.');
  const claims = Buffer.from(JSON.stringify(stack.claims({ userId: 'admin' }))).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

async function signThenUnsign(stack: StackAuthStub): Promise<string> {
  const [, claims, signature] = (await stack.sign()).split('.');
  return `${Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')}.${claims}.${signature}`;
}

function signWithSecret(stack: StackAuthStub, secret: string): Promise<string> {
  return new SignJWT(stack.claims())
    .setProtectedHeader({ alg: 'HS256', kid: kidOf(stack) })
    .sign(Buffer.from(secret));
}

async function toPem({ jwk }: SigningKey): Promise<string> {
  return exportSPKI((await importJWK(jwk, 'ES256', { extractable: true })) as never);
}

async function signWithRsa(stack: StackAuthStub): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return new SignJWT(stack.claims())
    .setProtectedHeader({ alg: 'RS256', kid: kidOf(stack), jwk: await exportJWK(publicKey) })
    .sign(privateKey);
}
