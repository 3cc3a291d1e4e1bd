import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import { createSigningKey } from '../../support/signing.ts';

const PROJECT = '6b7f1c2e-1111-4a4a-9999-aaaaaaaaaaaa';
const STACK_AUTH = 'https://api.stack-auth.com';
const HEXCLAVE = 'https://api.hexclave.com';
const OWN = 'https://auth.example.com';

const key = await createSigningKey();

/** Signs in with a token of `issuer` at a server that is configured with `apiUrl`. */
async function signIn(apiUrl: string | undefined, issuer: string, fetched: string[] = []): Promise<unknown> {
  const authenticate = createStackAuth({
    projectId: PROJECT,
    ...(apiUrl === undefined ? {} : { apiUrl }),
    fetch: async (url) => {
      fetched.push(String(url));
      return Response.json({ keys: [key.jwk] });
    },
  });
  const token = await new SignJWT({ branch_id: 'main' })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .setSubject('ada')
    .setIssuer(`${issuer}/api/v1/projects/${PROJECT}`)
    .setAudience(PROJECT)
    .setIssuedAt()
    .setExpirationTime('10min')
    .sign(key.privateKey);
  return authenticate({ headers: { 'x-stack-access-token': token } });
}

test.each([
  [undefined, STACK_AUTH],
  [undefined, HEXCLAVE],
  [STACK_AUTH, HEXCLAVE],
  [HEXCLAVE, STACK_AUTH],
  [HEXCLAVE, HEXCLAVE],
])('the hosted service at %s may sign as %s', async (apiUrl, issuer) => {
  expect(await signIn(apiUrl, issuer)).toMatchObject({ userId: 'ada' });
});

test.each([
  [OWN, STACK_AUTH],
  [OWN, HEXCLAVE],
  [STACK_AUTH, OWN],
  [HEXCLAVE, 'http://api.hexclave.com'],
  [OWN, 'https://auth.example.com.evil.example'],
])('a server that trusts %s refuses %s', async (apiUrl, issuer) => {
  await expect(signIn(apiUrl, issuer)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test.each(['', '/', '/api/v1', '/?a=b'])(
  'an API URL that ends in "%s" means the same service',
  async (end) => {
    const fetched: string[] = [];

    expect(await signIn(`${OWN}${end}`, OWN, fetched)).toMatchObject({ userId: 'ada' });
    expect(fetched).toEqual([`${OWN}/api/v1/projects/${PROJECT}/.well-known/jwks.json`]);
  },
);

test.each([
  ['a network that is down', () => Promise.reject(new TypeError('fetch failed'))],
  ['no answer in time', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
  ['a page that is not JSON', async () => new Response('<html>')],
  ['JSON that is no key set', async () => Response.json({ hello: 'world' })],
  ['a redirect', async () => new Response(null, { status: 302, headers: { location: OWN } })],
  ['a key that is no point of the curve', async () => Response.json({ keys: [{ ...key.jwk, x: 'AAAA' }] })],
])('%s in place of the keys is a 503, with its reason for the log', async (_name, fetch) => {
  const authenticate = createStackAuth({ projectId: PROJECT, fetch });
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(key.privateKey);

  const error = await Promise.resolve(authenticate({ headers: { 'x-stack-access-token': token } })).catch(
    (thrown: unknown) => thrown,
  );

  expect(error).toMatchObject({ name: 'QuestlogError', code: 'auth_unavailable', cause: expect.any(Error) });
});

test.each([
  ['an empty project id', { projectId: '' }],
  ['a project id with a path', { projectId: 'a/../b' }],
  ['an API URL that is no URL', { projectId: PROJECT, apiUrl: 'api.stack-auth.com' }],
  ['an API URL that is a file', { projectId: PROJECT, apiUrl: 'file:///etc/keys' }],
  ['an empty secret server key', { projectId: PROJECT, secretServerKey: '' }],
  ['a secret server key on two lines', { projectId: PROJECT, secretServerKey: 'ssk_a\nb' }],
  ['an API URL without a host', { projectId: PROJECT, apiUrl: 'https://' }],
])('%s is refused when the server starts', (_name, options) => {
  expect(() => createStackAuth(options)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
});
