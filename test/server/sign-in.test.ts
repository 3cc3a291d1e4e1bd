import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/server/config.ts';
import type { SignIn } from '../../src/server/sign-in.ts';
import { refusalOf } from '../support/config.ts';
import { startOidcProvider } from '../support/oidc-provider.ts';
import { startCliServer } from '../support/server.ts';

const STACK = { STACK_PROJECT_ID: 'p-1_x' };
const ISSUER = 'https://id.example/realms/acme';
const JWT = { QUESTLOG_JWT_ISSUER: ISSUER, QUESTLOG_JWT_AUDIENCE: 'questlog' };

const stack = { kind: 'stack', projectId: 'p-1_x' } as const;
const jwt = { kind: 'jwt', issuer: ISSUER, audience: ['questlog'], userClaim: 'sub' } as const;

test.each<[Record<string, string>, SignIn]>([
  [{}, { kind: 'local' }],
  [STACK, stack],
  [
    { ...STACK, STACK_API_URL: 'http://127.0.0.1:8102', STACK_SECRET_SERVER_KEY: 'ssk_1' },
    { ...stack, apiUrl: 'http://127.0.0.1:8102', secretServerKey: 'ssk_1' },
  ],
  [
    { ...STACK, STACK_PUBLISHABLE_CLIENT_KEY: 'pck_1' },
    { ...stack, publishableClientKey: 'pck_1' },
  ],
  [JWT, jwt],
  [
    { ...JWT, QUESTLOG_JWT_AUDIENCE: ' web , api://phone,' },
    { ...jwt, audience: ['web', 'api://phone'] },
  ],
  [
    { ...JWT, QUESTLOG_JWT_AUDIENCE: 'none' },
    { ...jwt, audience: null },
  ],
  [
    { ...JWT, QUESTLOG_JWT_JWKS_URL: `${ISSUER}/certs` },
    { ...jwt, jwksUrl: `${ISSUER}/certs` },
  ],
  [
    { ...JWT, QUESTLOG_JWT_USER_CLAIM: 'https://a.b/user' },
    { ...jwt, userClaim: 'https://a.b/user' },
  ],
])('%j is read as %j', (env, signIn) => {
  expect(readConfig(env).signIn).toEqual(signIn);
});

test.each<[string, Record<string, string>, string[]]>([
  ['STACK_PROJECT_ID', {}, ['two words', 'a/b', '../x']],
  ['STACK_API_URL', {}, ['https://api.stack-auth.com', 'ftp://x']],
  ['STACK_SECRET_SERVER_KEY', {}, ['ssk_1']],
  ['STACK_PUBLISHABLE_CLIENT_KEY', {}, ['pck_1']],
  ['STACK_API_URL', STACK, ['ftp://x', 'https://user:secret@x']],
  ['STACK_SECRET_SERVER_KEY', STACK, ['two words']],
  ['QUESTLOG_JWT_ISSUER', JWT, ['id.example', 'ftp://x', 'https://user:secret@x']],
  ['QUESTLOG_JWT_AUDIENCE', JWT, ['', ',', ' , ']],
  ['QUESTLOG_JWT_AUDIENCE', {}, ['questlog', 'none']],
  ['QUESTLOG_JWT_JWKS_URL', {}, ['https://x', 'ftp://x']],
  ['QUESTLOG_JWT_JWKS_URL', JWT, ['/keys', 'ftp://x']],
  ['QUESTLOG_JWT_USER_CLAIM', {}, ['sub']],
  ['QUESTLOG_JWT_ISSUER', { ...JWT, ...STACK }, [ISSUER]],
])('a wrong %s beside %j stops the start with its name', (name, env, values) => {
  for (const value of values) {
    const { fields, message } = refusalOf({ ...env, [name]: value });
    expect([...new Set(fields)], value).toEqual([name]);
    expect(message, value).toContain(`${name} `);
    expect(message, value).not.toContain('secret@');
  }
});

test('half a configuration does not open the server', () => {
  const alone = { STACK_SECRET_SERVER_KEY: 'ssk_1', QUESTLOG_JWT_USER_CLAIM: 'sub', HOST: '0.0.0.0' };
  expect(refusalOf(alone).fields.sort()).toEqual(
    Object.keys(alone).sort((one, other) => (one < other ? -1 : 1)),
  );
});

describe('without sign-in', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', '[::1]', 'localhost', 'LOCALHOST'])(
    '%s is served: it is this machine',
    (HOST) => {
      expect(refusalOf({ HOST }).fields).toEqual([]);
    },
  );

  test.each([STACK, JWT])('another address is not, with %j it is', (env) => {
    for (const HOST of ['0.0.0.0', 'questlog.internal']) {
      expect(refusalOf({ HOST }).fields).toEqual(['HOST']);
      expect(readConfig({ ...env, HOST }).host).toBe(HOST);
    }
  });
});

test('a server takes the tokens of the provider that its environment names', {
  timeout: 120_000,
}, async () => {
  const provider = await startOidcProvider();
  const server = await startCliServer({
    QUESTLOG_JWT_ISSUER: provider.issuer,
    QUESTLOG_JWT_AUDIENCE: 'questlog',
    QUESTLOG_JWT_USER_CLAIM: 'oid',
  });
  expect(server.program.lines()).toContain(
    `  authentication  access tokens of ${provider.issuer} for questlog`,
  );
  const ask = (token: string) =>
    fetch(`${server.url}/chats`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
  const chat = await ask(await provider.sign({ claims: { oid: 'ada' } }));
  expect([chat.status, await chat.json()]).toMatchObject([201, { user_id: 'ada' }]);
  const refused = await ask(await provider.sign({ claims: { oid: 'ada', aud: 'another' } }));
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { detail: 'The access token is not valid here: its aud claim is not accepted' },
  ]);
});
