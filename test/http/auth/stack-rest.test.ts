import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import { createUserCheck } from '../../../src/http/auth/stack-rest.ts';
import { type StackAuthStub, startStackAuthStub } from '../../support/stack-auth.ts';

const denied = expect.objectContaining({ code: 'unauthenticated' });
const unavailable = expect.objectContaining({ code: 'auth_unavailable' });

let stack: StackAuthStub;
let signIn: (token: string) => Promise<unknown>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  stack = await startStackAuthStub();
  const authenticate = createStackAuth({ ...stack.options, secretServerKey: stack.secretServerKey });
  signIn = async (token) => authenticate({ headers: { 'x-stack-access-token': token } });
});
afterEach(async () => {
  vi.useRealTimers();
  await stack.close();
});

function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

/** A check whose Stack Auth answers with `reply`. */
function checkAgainst(reply: () => Promise<Response>): () => Promise<void> {
  const fetch = vi.fn(reply);
  const check = createUserCheck({
    origin: 'https://auth.example',
    projectId: 'p',
    secretServerKey: 'k',
    fetch,
  });
  return () => check('a.b.c', 'ada');
}

test('Stack Auth is asked about the user, in the name of the server', async () => {
  const token = await stack.sign();
  await signIn(token);

  expect(stack.requests.at(-1)).toMatchObject({
    path: '/api/v1/users/me',
    headers: {
      'x-stack-access-type': 'server',
      'x-stack-project-id': stack.projectId,
      'x-stack-secret-server-key': stack.secretServerKey,
      'x-stack-access-token': token,
    },
  });
});

test('Stack Auth is asked once in ten seconds for a token', async () => {
  const [token, other] = [await stack.sign(), await stack.sign({ userId: 'bob' })];

  await Promise.all([signIn(token), signIn(token)]);
  pass(9);
  await signIn(token);
  expect(stack.userFetches).toBe(1);

  await signIn(other);
  expect(stack.userFetches).toBe(2);
  pass(2);
  await signIn(token);
  expect(stack.userFetches).toBe(3);
});

test('Stack Auth is not asked about a token that is not valid', async () => {
  await expect(signIn(await stack.sign({ expiresIn: -60 }))).rejects.toEqual(denied);

  expect(stack.userFetches).toBe(0);
});

test('without a secret server key Stack Auth is never asked about a user', async () => {
  const authenticate = createStackAuth(stack.options);
  stack.removeUser('user-1');

  const headers = { 'x-stack-access-token': await stack.sign() };
  expect(await authenticate({ headers })).toMatchObject({ userId: 'user-1' });
  expect(stack.userFetches).toBe(0);
});

test.each(['removeUser', 'restrictUser'] as const)(
  'after %s, the user is out within ten seconds although the token is still valid',
  async (change) => {
    const token = await stack.sign();
    await signIn(token);

    stack[change]('user-1');
    pass(10);
    await expect(signIn(token)).rejects.toEqual(denied);

    await expect(signIn(token)).rejects.toEqual(denied);
    expect(stack.userFetches).toBe(2);
  },
);

test('an outage is a 503, is not remembered, and spares users who were just checked', async () => {
  const token = await stack.sign();
  await signIn(token);
  stack.goDown();

  expect(await signIn(token)).toMatchObject({ userId: 'user-1' });
  pass(10);
  await expect(signIn(token)).rejects.toEqual(unavailable);
  stack.comeBack();
  expect(await signIn(token)).toMatchObject({ userId: 'user-1' });
});

test('a wrong secret server key is a 503 with its reason for the log', async () => {
  const authenticate = createStackAuth({ ...stack.options, secretServerKey: 'ssk_wrong' });
  const headers = { 'x-stack-access-token': await stack.sign() };

  const error = await Promise.resolve(authenticate({ headers })).catch((thrown: unknown) => thrown);

  expect(error).toEqual(unavailable);
  expect(String((error as Error).cause)).toContain('INVALID_SECRET_SERVER_KEY');
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY })).not.toContain('ssk_wrong');
});

test.each<[number, unknown]>([
  [200, { id: 'bob' }],
  [200, {}],
  [200, null],
  [200, { id: 'ada', is_anonymous: true }],
  [200, { id: 'ada', is_restricted: true }],
  [400, { code: 'CANNOT_GET_OWN_USER_WITHOUT_USER' }],
  [401, { code: 'ACCESS_TOKEN_EXPIRED' }],
  [401, { code: 'UNPARSABLE_ACCESS_TOKEN' }],
  [401, { code: 'INVALID_PROJECT_FOR_ACCESS_TOKEN' }],
  [401, { code: 'ANONYMOUS_AUTHENTICATION_NOT_ALLOWED' }],
  [403, { code: 'RESTRICTED_USER_NOT_ALLOWED' }],
  [404, { code: 'USER_NOT_FOUND' }],
])('the answer %i %j refuses the user', async (status, body) => {
  await expect(checkAgainst(async () => Response.json(body, { status }))()).rejects.toEqual(denied);
});

test.each<[number, unknown]>([
  [400, { code: 'CURRENT_PROJECT_NOT_FOUND' }],
  [401, {}],
  [404, {}],
  [429, {}],
  [500, { code: 'USER_NOT_FOUND' }],
  [503, {}],
])('the answer %i %j says nothing about the user: 503', async (status, body) => {
  await expect(checkAgainst(async () => Response.json(body, { status }))()).rejects.toEqual(unavailable);
});

test.each([
  ['a network that is down', () => Promise.reject(new TypeError('fetch failed'))],
  ['no answer in time', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
  ['a page that is not JSON', async () => new Response('<html>')],
])('%s is a 503', async (_name, reply) => {
  await expect(checkAgainst(reply)()).rejects.toEqual(unavailable);
});

test('the secret server key does not follow a redirect to another host', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json({ id: 'ada' }));
  const check = createUserCheck({
    origin: 'https://auth.example',
    projectId: 'p',
    secretServerKey: 'k',
    fetch,
  });

  await check('a.b.c', 'ada');

  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) });
});

test('the memory for answers is bounded: the oldest goes first', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json({ id: 'ada' }));
  const check = createUserCheck({
    origin: 'https://auth.example',
    projectId: 'p',
    secretServerKey: 'k',
    fetch,
  });
  for (let count = 0; count <= 5_000; count += 1) await check(`a.b.${count}`, 'ada');

  await check('a.b.1', 'ada');
  expect(fetch).toHaveBeenCalledTimes(5_001);
  await check('a.b.0', 'ada');
  expect(fetch).toHaveBeenCalledTimes(5_002);
});
