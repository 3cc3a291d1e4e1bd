import { CompactSign, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { createSigningKey, type Signer, type SigningKey, type TokenOptions } from './signing.ts';
import type { StackAuthStub, StackTokenOptions } from './stack-auth.ts';

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

/** A kind of token that opens nothing, how it is made, and what its bearer is told. */
export type BadToken<Who extends Signer = Signer> = readonly [
  why: string,
  sign: (signer: Who) => Promise<string>,
  told: RegExp,
];

const UNREADABLE = /^The [a-z-]+ header does not hold an access token that is a signed JWT$/;
const NO_USER = /^The access token names no user$/;
const SIGNATURE = notValid('signature');
const ALGORITHM = notValid('algorithm');

function notValid(part: string): RegExp {
  return new RegExp(`^The access token is not valid here: its ${part} is not accepted$`);
}

const BAD_CLAIMS: readonly [why: string, options: TokenOptions, told: RegExp][] = [
  ['an expired session', { expiresIn: -6 }, /^The access token has expired/],
  ['a time to come', { claims: { nbf: Math.floor(Date.now() / 1_000) + 3_600 } }, notValid('nbf claim')],
  ['another issuer', { claims: { iss: 'https://evil.example' } }, notValid('iss claim')],
  ['another audience', { claims: { aud: 'someone-else' } }, notValid('aud claim')],
  ['no user', { claims: { sub: undefined } }, NO_USER],
  ['an empty user', { claims: { sub: '' } }, NO_USER],
  ['a user that is a number', { claims: { sub: 7 } }, NO_USER],
  ['a user with a NUL', { claims: { sub: 'a\0b' } }, NO_USER],
  ['a user with a lone surrogate', { claims: { sub: 'a\ud800' } }, NO_USER],
  ['a user of 300 bytes', { claims: { sub: 'x'.repeat(300) } }, NO_USER],
  ['no expiry', { claims: { exp: undefined } }, notValid('exp claim')],
  ['an expiry that is no number', { claims: { exp: 'never' } }, notValid('exp claim')],
  ['no time of issue', { claims: { iat: undefined } }, notValid('iat claim')],
  ['no issuer', { claims: { iss: undefined } }, notValid('iss claim')],
  ['no audience', { claims: { aud: undefined } }, notValid('aud claim')],
  ['a key id that is a path', { header: { kid: '../../../dev/null' } }, SIGNATURE],
  ['an empty key id', { header: { kid: '' } }, SIGNATURE],
  ['a key id that is a number', { header: { kid: 0 as never } }, SIGNATURE],
  ['a key id that is SQL', { header: { kid: "x' union select 'key" } }, SIGNATURE],
  ['another use: the end of a session', { header: { typ: 'logout+jwt' } }, notValid('type')],
];

const TIMES: readonly [claim: string, json: string, told: RegExp][] = [
  ['exp', '1e400', notValid('exp claim')],
  ['exp', '1e300', notValid('exp claim')],
  ['exp', '-1e400', /^The access token has expired/],
  ['iat', '1e400', notValid('iat claim')],
  ['iat', '-1e400', notValid('iat claim')],
  ['nbf', '1e400', notValid('nbf claim')],
  ['nbf', '-1e300', notValid('nbf claim')],
];

/** Numbers of JSON that are no times. */
export const BAD_TIMES: readonly BadToken[] = TIMES.map(([claim, json, told]) => [
  `a time that is none: ${claim} ${json}`,
  (signer) => signWithTime(signer, claim, json),
  told,
]);

/** What no service's tokens may be: its first two keys are of ES256, and sign for one audience. */
export const BAD_TOKENS: readonly BadToken[] = [
  ...withClaims<Signer>(BAD_CLAIMS),
  ...BAD_TIMES.slice(0, 1),
  [
    'the id of another of the keys',
    (signer) => signer.sign({ header: { kid: kidOf(signer, 1) } }),
    SIGNATURE,
  ],
  [
    'a key that only claims its id',
    async (signer) => signer.sign({ key: await createSigningKey(kidOf(signer)) }),
    SIGNATURE,
  ],
  ['an unknown key', async (signer) => signer.sign({ key: await createSigningKey() }), SIGNATURE],
  ['an unknown key without an id', signWithoutId, SIGNATURE],
  ['a key that the token brings along', signWithOwnKey, SIGNATURE],
  ['an unknown extension', signWithExtension, SIGNATURE],
  ['a changed claim', signThenChange, SIGNATURE],
  [
    'a changed signature',
    async (signer) => `${(await signer.sign()).slice(0, -20)}${'A'.repeat(20)}`,
    SIGNATURE,
  ],
  ['no signature', async (signer) => new UnsecuredJWT(signer.claims()).encode(), UNREADABLE],
  ['no algorithm beside a signature', signThenUnsign, ALGORITHM],
  [
    'HS256 with the public key as PEM',
    async (signer) => signWithSecret(signer, await toPem(keyOf(signer))),
    ALGORITHM,
  ],
  [
    'HS256 with the public key as JWK',
    (signer) => signWithSecret(signer, JSON.stringify(keyOf(signer).jwk)),
    ALGORITHM,
  ],
  [
    'HS256 with a coordinate of the key',
    (signer) => signWithSecret(signer, String(keyOf(signer).jwk.x)),
    ALGORITHM,
  ],
];

/** What a project of Stack Auth does not let in either. */
export const BAD_STACK_TOKENS: readonly BadToken<StackAuthStub>[] = [
  ...withClaims<StackAuthStub, StackTokenOptions>([
    ['an anonymous user', { kind: 'anonymous' }, SIGNATURE],
    ['a restricted user', { kind: 'restricted' }, SIGNATURE],
    ['claims of an anonymous user', { claims: { is_anonymous: true } }, /^Anonymous users have no access/],
    ['claims of a restricted user', { claims: { is_restricted: true } }, /^This account is restricted/],
    ['another branch', { claims: { branch_id: 'preview' } }, /another branch$/],
    ['no branch', { claims: { branch_id: undefined } }, /another branch$/],
  ]),
  ['RS256', signWithRsa, ALGORITHM],
  ...BAD_TOKENS,
];

function withClaims<Who extends { sign(options: Options): Promise<string> } & Signer, Options = TokenOptions>(
  rows: readonly [why: string, options: Options, told: RegExp][],
): BadToken<Who>[] {
  return rows.map(([why, options, told]) => [why, (signer) => signer.sign(options), told]);
}

function keyOf(signer: Signer, index = 0): SigningKey {
  return signer.signingKeys[index] as SigningKey;
}

function kidOf(signer: Signer, index = 0): string {
  return keyOf(signer, index).kid;
}

/** `JSON.stringify` writes no such numbers. */
async function signWithTime(signer: Signer, claim: string, json: string): Promise<string> {
  const { alg, kid, privateKey } = keyOf(signer);
  const claims = JSON.stringify({ ...signer.claims(), [claim]: null }).replace('null', json);
  return new CompactSign(Buffer.from(claims)).setProtectedHeader({ alg, kid }).sign(privateKey);
}

async function signWithoutId(signer: Signer): Promise<string> {
  return signer.sign({ key: await createSigningKey(), header: { kid: undefined as never } });
}

async function signWithOwnKey(signer: Signer): Promise<string> {
  const key = await createSigningKey();
  return signer.sign({
    key,
    header: { jwk: key.jwk, jku: 'https://evil.example/keys', x5u: 'https://evil.example' },
  });
}

function signWithExtension(signer: Signer): Promise<string> {
  return new SignJWT(signer.claims())
    .setProtectedHeader({ alg: 'ES256', kid: kidOf(signer), crit: ['x'], x: 1 })
    .sign(keyOf(signer).privateKey, { crit: { x: true } });
}

async function signThenChange(signer: Signer): Promise<string> {
  const [header, , signature] = (await signer.sign()).split('.');
  const claims = Buffer.from(JSON.stringify(signer.claims({ userId: 'admin' }))).toString('base64url');
  return `${header}.${claims}.${signature}`;
}

async function signThenUnsign(signer: Signer): Promise<string> {
  const [, claims, signature] = (await signer.sign()).split('.');
  return `${Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')}.${claims}.${signature}`;
}

function signWithSecret(signer: Signer, secret: string): Promise<string> {
  return new SignJWT(signer.claims())
    .setProtectedHeader({ alg: 'HS256', kid: kidOf(signer) })
    .sign(Buffer.from(secret));
}

async function toPem({ jwk }: SigningKey): Promise<string> {
  return exportSPKI((await importJWK(jwk, 'ES256', { extractable: true })) as never);
}

async function signWithRsa(signer: Signer): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  return new SignJWT(signer.claims())
    .setProtectedHeader({ alg: 'RS256', kid: kidOf(signer), jwk: await exportJWK(publicKey) })
    .sign(privateKey);
}
