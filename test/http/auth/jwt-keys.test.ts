import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describeError } from '../../../src/describe-error.ts';
import { createJwtAuth, type JwtAuthOptions } from '../../../src/http/auth/jwt.ts';
import { type OidcProvider, startOidcProvider } from '../../support/oidc-provider.ts';
import { createSigningKey } from '../../support/signing.ts';

const denied = expect.objectContaining({ code: 'unauthenticated' });
const unavailable = expect.objectContaining({ code: 'auth_unavailable' });

const DISCOVERY = '/.well-known/openid-configuration';
const KEYS = '/keys';

let provider: OidcProvider;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  provider = await startOidcProvider();
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

/** Signs users in, with the keys kept. */
function open(options: Partial<JwtAuthOptions> = {}) {
  const authenticate = createJwtAuth({ ...provider.options, ...options });
  return async (token?: string) =>
    authenticate({ headers: { authorization: `Bearer ${token ?? (await provider.sign())}` } });
}

test('nothing is fetched before the first request, and once for many', async () => {
  const signIn = open();
  expect(provider.requests).toEqual([]);
  await Promise.all([signIn(), signIn(), signIn()]);
  expect(provider.requests).toEqual([DISCOVERY, KEYS]);
});

test('where the keys are named, the provider is not asked where they are', async () => {
  await open({ jwksUrl: provider.jwksUrl })();
  expect(provider.requests).toEqual([KEYS]);
});

test('the keys may move when they are rotated', async () => {
  const signIn = open();
  await signIn();
  pass(31);
  await provider.rotate();
  const other = await startOidcProvider();
  other.signingKeys.splice(0, 2, ...provider.signingKeys);
  provider.discovery.jwks_uri = other.jwksUrl;
  expect(await signIn()).toMatchObject({ userId: 'user-1' });
  expect(other.requests).toEqual([KEYS]);
});

test('tokens with made-up keys cause one search in 30 seconds, however many they are', async () => {
  const signIn = open();
  await signIn();
  pass(31);
  for (let count = 0; count < 5; count += 1) {
    await expect(signIn(await provider.sign({ key: await createSigningKey() }))).rejects.toEqual(denied);
  }
  expect(provider.requests).toEqual([DISCOVERY, KEYS, DISCOVERY, KEYS]);
});

test('an outage is a 503 that requests share for three seconds, and spares users whose key is known', async () => {
  const [early, late] = [open(), open()];
  await early();
  provider.goDown();
  provider.requests.length = 0;
  for (let count = 0; count < 10; count += 1) {
    const refusal = await late().catch((error: unknown) => error);
    expect(refusal).toEqual(unavailable);
    expect(refusal).toMatchObject({ cause: { message: expect.stringMatching(/answers 503/) } });
  }
  expect(provider.requests).toEqual([DISCOVERY]);
  expect(await early()).toMatchObject({ userId: 'user-1' });
  provider.comeBack();
  pass(4);
  expect(await late()).toMatchObject({ userId: 'user-1' });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['is of another issuer', { issuer: 'https://evil.example' }, /is of another issuer/],
  ['is a template for all tenants', { issuer: 'https://login.example/{tenantid}/v2.0' }, /another issuer/],
  ['has no issuer', { issuer: undefined }, /is of another issuer/],
  ['names no keys', { jwks_uri: undefined }, /names no keys/],
  ['names keys by a path', { jwks_uri: '/keys' }, /names no keys/],
  ['names keys in a file', { jwks_uri: 'file:///etc/passwd' }, /names keys without TLS/],
])('a discovery document that %s is a 503, with its reason for the log', async (_why, change, told) => {
  Object.assign(provider.discovery, change);
  const refusal = await open()().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'auth_unavailable', cause: { code: 'invalid_configuration' } });
  expect((refusal as { cause: Error }).cause.message).toMatch(told);
  expect(provider.requests).toEqual([DISCOVERY]);
});

test('a provider with TLS does not send its clients to keys without', async () => {
  const issuer = 'https://id.example';
  const fetched: string[] = [];
  const fetch = async (url: unknown) => {
    fetched.push(String(url));
    return Response.json({ issuer, jwks_uri: 'http://id.example/keys' });
  };
  const signIn = open({ issuer, fetch });
  await expect(signIn(await provider.sign({ claims: { iss: issuer } }))).rejects.toEqual(unavailable);
  expect(fetched).toEqual([`${issuer}${DISCOVERY}`]);
});

/** Megabytes of JSON without end. @returns how many were taken. */
function endless(begin: string) {
  let taken = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(Buffer.from(taken === 0 ? begin : ' '.repeat(1_000_000)));
      taken += 1;
    },
  });
  return { reply: () => new Response(body), taken: () => taken };
}

test.each([DISCOVERY, KEYS])(
  'of a reply without end from %s no more than a megabyte is read: 503',
  async (path) => {
    const { reply, taken } = endless('{');
    const fetch = async (url: unknown, init?: RequestInit) =>
      String(url).endsWith(path) ? reply() : globalThis.fetch(url as string, init);
    const place = path === KEYS ? provider.jwksUrl : provider.origin + DISCOVERY;
    await expect(open({ fetch })()).rejects.toMatchObject({
      code: 'auth_unavailable',
      cause: { message: `${place} answers with more than 1000000 bytes` },
    });
    expect(taken()).toBeLessThan(5);
  },
);

test.each([
  ['a network that is down', () => Promise.reject(new TypeError('fetch failed'))],
  ['no answer in time', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
  ['a page that is not JSON', async () => new Response('<html>')],
  ['JSON that is no object', async () => Response.json(null)],
  [
    'a redirect',
    async () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } }),
  ],
])('%s in place of the discovery document is a 503', async (_name, fetch) => {
  await expect(open({ fetch })()).rejects.toEqual(unavailable);
});

test('a provider that cannot be reached is named in the log, with what the network says', async () => {
  const fetch = async () => {
    const reason = Object.assign(new Error('secret'), { code: 'ENOTFOUND', hostname: 'idp.example' });
    throw new TypeError('fetch failed', { cause: reason });
  };
  const error = await open({ fetch })().catch((reason: unknown) => reason);
  expect(JSON.stringify(describeError(error))).toContain('"code":"ENOTFOUND","hostname":"idp.example"');
  expect(JSON.stringify(describeError(error))).not.toContain('secret');
});
