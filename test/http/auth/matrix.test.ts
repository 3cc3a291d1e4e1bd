import { describe, expect, onTestFinished, test } from 'vitest';
import type { Authenticate } from '../../../src/http/auth/authenticate.ts';
import { createJwtAuth } from '../../../src/http/auth/jwt.ts';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import { serverOn, withHeaders } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { TestSocket } from '../../support/live-socket.ts';
import { startOidcProvider } from '../../support/oidc-provider.ts';
import { makeThings, OPEN_ROUTES, ROUTE_NAMES, requestTo } from '../../support/routes.ts';
import type { Signer } from '../../support/signing.ts';
import { startStackAuthStub } from '../../support/stack-auth.ts';
import { BAD_STACK_TOKENS, BAD_TOKENS, type BadToken, TOKEN_FORMS } from '../../support/tokens.ts';

const CLOSED_ROUTES = ROUTE_NAMES.filter((route) => !OPEN_ROUTES.includes(route));
const BEARER_FORM = TOKEN_FORMS.slice(-1);
const BEARER = BEARER_FORM[0]?.[1] ?? (() => ({}));

/** Who signs tokens, in which headers they come, which are bad, and how a server takes them. */
interface Way<Who extends Signer> {
  readonly name: string;
  readonly forms: typeof TOKEN_FORMS;
  readonly badTokens: readonly BadToken<Who>[];
  start(): Promise<{ readonly signer: Who; readonly authenticate: Authenticate }>;
}

testWay({
  name: 'Stack Auth',
  forms: TOKEN_FORMS,
  badTokens: BAD_STACK_TOKENS,
  async start() {
    const signer = await startStackAuthStub();
    onTestFinished(() => signer.close());
    return { signer, authenticate: createStackAuth(signer.options) };
  },
});

testWay({
  name: 'an OpenID Connect provider',
  forms: BEARER_FORM,
  badTokens: BAD_TOKENS,
  async start() {
    const signer = await startOidcProvider();
    return { signer, authenticate: createJwtAuth(signer.options) };
  },
});

function testWay<Who extends Signer>({ name, forms, badTokens, start }: Way<Who>): void {
  describe.each(DATABASES)(`behind ${name} ($name)`, ({ open }) => {
    /** A server that knows a new user by token. */
    async function serve() {
      const { signer, authenticate } = await start();
      const env = { QUESTLOG_RATE_LIMIT: '1000000' };
      const app = await serverOn(await open(), { env, authenticate });
      const token = await signer.sign({ userId: newUser() });
      return { signer, app, token, ask: withHeaders(app, BEARER(token)) };
    }

    test.each(forms)('every route answers a token in %s', async (_form, toHeaders) => {
      const { app, token } = await serve();
      const ask = withHeaders(app, toHeaders(token));
      for (const route of ROUTE_NAMES) {
        const { method, url, body, status } = requestTo(route, await makeThings(ask));
        const reply = await ask(method, url, body);
        expect(reply.statusCode, `${route}: ${reply.body}`).toBe(status);
      }
    });

    test.each([...badTokens, ['nobody', undefined, /^Sign in: send/] as const])(
      'every route refuses a token for %s, in every header, and changes nothing',
      async (_why, sign, told) => {
        const { signer, app, ask } = await serve();
        const things = await makeThings(ask);
        const before = await ask('GET', `/chats/${things.chat_id}`);
        const bad = await sign?.(signer);
        for (const [form, toHeaders] of forms) {
          const refused = withHeaders(app, bad === undefined ? {} : toHeaders(bad));
          for (const route of CLOSED_ROUTES) {
            const { method, url, body } = requestTo(route, things);
            const reply = await refused(method, url, body);
            expect([reply.statusCode, reply.json()], `${route}, ${form}`).toEqual([
              401,
              {
                title: 'Unauthorized',
                status: 401,
                code: 'unauthenticated',
                detail: expect.stringMatching(told),
              },
            ]);
            expect(reply.headers['www-authenticate'], route).toBe('Bearer');
          }
          for (const route of OPEN_ROUTES) {
            const { method, url } = requestTo(route, things);
            expect((await refused(method, url)).statusCode, route).toBe(200);
          }
        }
        const after = await ask('GET', `/chats/${things.chat_id}`);
        expect([after.body, after.headers.etag]).toEqual([before.body, before.headers.etag]);
      },
    );

    test('the socket opens for a token in every header and as a subprotocol, and closes with 4401 for a bad one', async () => {
      const { signer, app, token } = await serve();
      const url = await app.listen({ host: '127.0.0.1', port: 0 });
      for (const [, toHeaders] of forms) await new TestSocket(url, { headers: toHeaders(token) }).ready();
      await new TestSocket(url, { token }).ready();
      for (const [why, sign] of badTokens) {
        const bad = await sign(signer);
        for (const options of [
          { token: bad },
          { headers: BEARER(bad) },
          { token: bad, headers: BEARER(token) },
        ]) {
          const socket = new TestSocket(url, options);
          expect(await socket.closed, why).toMatchObject({ code: 4401 });
          expect(socket.messages, why).toEqual([]);
        }
      }
      expect(await new TestSocket(url).closed).toMatchObject({ code: 4401 });
    });
  });
}
