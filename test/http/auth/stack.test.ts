import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Authenticate } from '../../../src/http/auth/authenticate.ts';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import type { SigningKey } from '../../support/signing.ts';
import { type StackAuthStub, type StackTokenOptions, startStackAuthStub } from '../../support/stack-auth.ts';
import { BAD_STACK_TOKENS, TOKEN_FORMS } from '../../support/tokens.ts';

let stack: StackAuthStub;
let authenticate: Authenticate;

beforeAll(async () => {
  stack = await startStackAuthStub();
  authenticate = createStackAuth(stack.options);
});
afterAll(() => stack.close());

const send = async (token: string) => authenticate({ headers: { 'x-stack-access-token': token } });
const signed = async (options: StackTokenOptions) => send(await stack.sign(options));
const denied = expect.objectContaining({ name: 'QuestlogError', code: 'unauthenticated' });

test('a full user is known by the sub of the token, until the token expires', async () => {
  const before = Math.floor(Date.now() / 1000);

  const user = await signed({ userId: 'ada', expiresIn: 600 });

  expect(user.userId).toBe('ada');
  expect(user.expiresAt).toBeGreaterThanOrEqual(before + 600);
  expect(Object.keys(user)).toEqual(['userId', 'expiresAt']);
});

test('a request without a token is told what to send', async () => {
  await expect(authenticate({ headers: {} })).rejects.toThrow(/x-stack-access-token/);
  await expect(authenticate({ headers: {} })).rejects.toEqual(denied);
});

test('a token is verified whichever of the headers carries it', async () => {
  for (const [, toHeaders] of TOKEN_FORMS) {
    const headers = toHeaders(await stack.sign());
    expect(await authenticate({ headers })).toMatchObject({ userId: 'user-1' });
  }
});

test.each(BAD_STACK_TOKENS)('a token for %s is refused', async (_name, sign, told) => {
  const token = await sign(stack);
  await expect(send(token)).rejects.toEqual(denied);
  await expect(send(token)).rejects.toThrow(told);
});

test.each<[string, StackTokenOptions]>([
  ['anonymous users', { kind: 'anonymous' }],
  ['restricted users', { kind: 'restricted' }],
])(
  'the issuer and the audience of %s are refused, even under a key of full users',
  async (_name, options) => {
    const [key] = stack.keys.normal;
    const claims = { is_anonymous: false, is_restricted: false };

    await expect(signed({ ...options, claims, key: key as SigningKey })).rejects.toEqual(denied);
  },
);

test('a token of another project of the same Stack Auth is refused', async () => {
  const other = await startStackAuthStub();
  const claims = { ...other.claims(), iss: `${stack.apiUrl}/api/v1/projects/${other.projectId}` };

  await expect(signed({ claims })).rejects.toEqual(denied);
  await other.close();
});

test('a clock that differs by a few seconds signs nobody out', async () => {
  expect(await signed({ expiresIn: -3 })).toMatchObject({ userId: 'user-1' });
});

test('an older token without is_restricted is taken', async () => {
  expect(await signed({ claims: { is_restricted: undefined } })).toMatchObject({ userId: 'user-1' });
});

test('a token without a key id is verified with every key of the project', async () => {
  const second = stack.keys.normal[1] as SigningKey;

  expect(await signed({ key: second, header: { kid: undefined } as never })).toMatchObject({
    userId: 'user-1',
  });
});

test('whatever a token is made of, the answer is a 401', async () => {
  const { kid } = stack.keys.normal[0] as SigningKey;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url') || 'AA';
  const header = fc.oneof(
    fc.jsonValue(),
    fc.record({
      alg: fc.constant('ES256'),
      kid: fc.oneof(fc.constant(kid), fc.jsonValue()),
      crit: fc.jsonValue(),
    }),
    fc.record({ alg: fc.constant('ES256'), kid: fc.constant(kid), b64: fc.boolean(), typ: fc.jsonValue() }),
  );
  const signature = fc.uint8Array({ minLength: 1, maxLength: 80 });

  await fc.assert(
    fc.asyncProperty(header, fc.jsonValue(), signature, async (head, claims, bytes) => {
      const token = `${part(head)}.${part(claims)}.${Buffer.from(bytes).toString('base64url')}`;
      await expect(send(token)).rejects.toEqual(denied);
    }),
    { numRuns: 300 },
  );
});

test('an error holds no part of the token and no claim', async () => {
  for (const options of [{ expiresIn: -60 }, { claims: { aud: 'x' } }, { claims: { is_anonymous: true } }]) {
    const token = await stack.sign(options);
    const error = await send(token).catch((thrown: unknown) => thrown);

    const shown = inspect(error, { depth: Infinity, showHidden: true });
    for (const secret of ['ada@example.com', 'session-1', ...token.split('.')]) {
      expect(shown).not.toContain(secret);
    }
  }
});
