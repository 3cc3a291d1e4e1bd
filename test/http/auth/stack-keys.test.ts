import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import { createSigningKey, type SigningKey, type TokenOptions } from '../../support/signing.ts';
import { type StackAuthStub, startStackAuthStub } from '../../support/stack-auth.ts';

const denied = expect.objectContaining({ code: 'unauthenticated' });
const unavailable = expect.objectContaining({ code: 'auth_unavailable' });

let stack: StackAuthStub;
let signedIn: (options?: TokenOptions) => Promise<unknown>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  stack = await startStackAuthStub();
  const authenticate = createStackAuth(stack.options);
  signedIn = async (options) =>
    authenticate({ headers: { 'x-stack-access-token': await stack.sign(options) } });
});
afterEach(async () => {
  vi.useRealTimers();
  await stack.close();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

test('the keys are fetched once for many requests, without sending anything about the user', async () => {
  await Promise.all([signedIn(), signedIn({ userId: 'bob' }), signedIn()]);
  await signedIn({ key: stack.keys.normal[1] as SigningKey });

  expect(stack.keyFetches).toBe(1);
  expect(JSON.stringify(stack.requests)).not.toMatch(/stack-access-token|Bearer/);
});

test('nothing is fetched before the first request', () => {
  createStackAuth(stack.options);

  expect(stack.requests).toEqual([]);
});

test('after a rotation, the new key is fetched once and works at once', async () => {
  await signedIn();
  pass(31);
  const key = await stack.rotate();

  await Promise.all([signedIn({ key }), signedIn({ key })]);
  await signedIn({ key: stack.keys.normal[1] as SigningKey });

  expect(stack.keyFetches).toBe(2);
});

test('tokens with made-up keys cause one fetch in 30 seconds, however many they are', async () => {
  await signedIn();
  pass(31);

  for (let count = 0; count < 5; count += 1) {
    await expect(signedIn({ key: await createSigningKey() })).rejects.toEqual(denied);
  }

  expect(stack.keyFetches).toBe(2);
});

test('a withdrawn key is refused ten minutes later at the latest', async () => {
  await signedIn();
  const withdrawn = stack.keys.normal.shift() as SigningKey;
  pass(601);

  await expect(signedIn({ key: withdrawn })).rejects.toEqual(denied);
  expect(stack.keyFetches).toBe(2);
});

test('the signature of a token is checked once a minute, and never counts longer than the token', async () => {
  const authenticate = createStackAuth(stack.options);
  const check = vi.spyOn(crypto.subtle, 'verify');
  const [long, short] = [await stack.sign({ expiresIn: 600 }), await stack.sign({ expiresIn: 30 })];
  for (let time = 0; time < 3; time++) {
    for (const token of [long, short]) await authenticate({ headers: { 'x-stack-access-token': token } });
  }
  expect(check).toHaveBeenCalledTimes(2);
  pass(40);
  await expect(authenticate({ headers: { 'x-stack-access-token': short } })).rejects.toEqual(denied);
  pass(21);
  await authenticate({ headers: { 'x-stack-access-token': long } });
  expect(check).toHaveBeenCalledTimes(4);
  check.mockRestore();
});

test('an outage does not touch users whose key is known', async () => {
  await signedIn();
  stack.goDown();
  pass(300);

  expect(await signedIn()).toMatchObject({ userId: 'user-1' });
});

test('an outage is a 503 for an unknown key, not a 401 that would sign the user out', async () => {
  await signedIn();
  stack.goDown();
  pass(31);

  await expect(signedIn({ key: await createSigningKey() })).rejects.toEqual(unavailable);
});

test('a server that starts during an outage answers 503 and recovers by itself', async () => {
  stack.goDown();
  await expect(signedIn()).rejects.toEqual(unavailable);

  stack.comeBack();
  pass(4);
  expect(await signedIn()).toMatchObject({ userId: 'user-1' });
});

test('an outage is not asked about by each request: one after the other, they share a failure for three seconds', async () => {
  stack.goDown();
  for (let count = 0; count < 20; count += 1) await expect(signedIn()).rejects.toEqual(unavailable);
  expect(stack.keyFetches).toBe(1);
  pass(4);
  await expect(signedIn()).rejects.toEqual(unavailable);
  expect(stack.keyFetches).toBe(2);
});

test('two keys under one id are both tried', async () => {
  const first = stack.keys.normal[0] as SigningKey;
  const twin = await createSigningKey(first.kid);
  stack.keys.normal.push(twin);

  expect(await signedIn({ key: first })).toMatchObject({ userId: 'user-1' });
  expect(await signedIn({ key: twin })).toMatchObject({ userId: 'user-1' });
  await expect(signedIn({ key: await createSigningKey(first.kid) })).rejects.toEqual(denied);
  await expect(signedIn({ key: twin, claims: { aud: 'other' } })).rejects.toEqual(denied);
  await expect(signedIn({ key: first, expiresIn: -60 })).rejects.toThrow(/expired/);
});

test('the same key published twice still works', async () => {
  stack.keys.normal.push(stack.keys.normal[0] as SigningKey);

  expect(await signedIn()).toMatchObject({ userId: 'user-1' });
});

test('a key whose coordinate is written in 31 bytes works, as one in 128 is', async () => {
  const key = await createShortKey();
  stack.keys.normal.push(key);

  expect(await signedIn({ key })).toMatchObject({ userId: 'user-1' });
});

async function createShortKey(): Promise<SigningKey> {
  for (;;) {
    const key = await createSigningKey();
    for (const coordinate of ['x', 'y'] as const) {
      const bytes = Buffer.from(key.jwk[coordinate] as string, 'base64url');
      if (bytes[0] !== 0) continue;
      return { ...key, jwk: { ...key.jwk, [coordinate]: bytes.subarray(1).toString('base64url') } };
    }
  }
}
