import { describe, expect, onTestFinished, test } from 'vitest';
import { createStackAuth } from '../../../src/http/auth/stack.ts';
import { serverOn, withHeaders } from '../../support/app.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { TestSocket } from '../../support/live-socket.ts';
import { makeThings, OPEN_ROUTES, ROUTE_NAMES, requestTo } from '../../support/routes.ts';
import { startStackAuthStub } from '../../support/stack-auth.ts';
import { BAD_TOKENS, TOKEN_FORMS } from '../../support/tokens.ts';

const CLOSED_ROUTES = ROUTE_NAMES.filter((route) => !OPEN_ROUTES.includes(route));
const BEARER = TOKEN_FORMS.at(-1)?.[1] ?? (() => ({}));

describe.each(DATABASES)('behind Stack Auth ($name)', ({ open }) => {
  /** A server that knows a new user by token. */
  async function serve() {
    const stack = await startStackAuthStub();
    onTestFinished(() => stack.close());
    const env = { QUESTLOG_RATE_LIMIT: '1000000' };
    const app = await serverOn(await open(), { env, authenticate: createStackAuth(stack.options) });
    const token = await stack.sign({ userId: newUser() });
    return { stack, app, token, ask: withHeaders(app, BEARER(token)) };
  }

  test.each(TOKEN_FORMS)('every route answers a token in %s', async (_form, toHeaders) => {
    const { app, token } = await serve();
    const ask = withHeaders(app, toHeaders(token));
    for (const route of ROUTE_NAMES) {
      const { method, url, body, status } = requestTo(route, await makeThings(ask));
      const reply = await ask(method, url, body);
      expect(reply.statusCode, `${route}: ${reply.body}`).toBe(status);
    }
  });

  test.each([...BAD_TOKENS, ['nobody', undefined, /^Sign in: send/] as const])(
    'every route refuses a token for %s, in every header, and changes nothing',
    async (_why, sign, told) => {
      const { stack, app, ask } = await serve();
      const things = await makeThings(ask);
      const before = await ask('GET', `/chats/${things.chat_id}`);
      const bad = await sign?.(stack);
      for (const [form, toHeaders] of TOKEN_FORMS) {
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
    const { stack, app, token } = await serve();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    for (const [, toHeaders] of TOKEN_FORMS) await new TestSocket(url, { headers: toHeaders(token) }).ready();
    await new TestSocket(url, { token }).ready();
    for (const [why, sign] of BAD_TOKENS) {
      const bad = await sign(stack);
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
