import Fastify, { type LightMyRequestResponse } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { chatStorageRouter } from '../../src/http/routes/chats/chats.ts';
import { asUser, byHeader, onEachDatabase, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { ApiDocument } from '../support/openapi.ts';

const TOKENS = ['authorization', 'x-stack-access-token', 'x-stack-auth'];

function varyOf({ headers }: LightMyRequestResponse): string[] {
  return String(headers.vary).toLowerCase().split(', ').sort();
}

onEachDatabase(
  'what belongs to a user is kept by no cache, whatever the route and the status',
  async ({ app, ask }) => {
    const { routes } = await ApiDocument.of(app);
    const { chat_id: id } = (await ask('POST', '/chats', { title: 'Mine' })).json();
    const seen = new Set<number>();
    for (const { method, path, operation } of routes) {
      if (operation.security?.length === 0 || path === '/chats/live') continue;
      const payload = path.startsWith('/chat/') ? { input: 'Hi', session_id: null } : {};
      const body = operation.requestBody ? payload : undefined;
      const known = path.replace('{chat_id}', id);
      for (const reply of [
        await ask(method, known, body),
        await ask(method, path.replace(/\{\w+\}/, 'unknown'), body),
        await ask(method, `${known}?limit=x`, body),
        await ask(method, known, '{'),
        await app.inject({ method, url: known }),
      ]) {
        const label = `${method} ${path} ${reply.statusCode}`;
        const mayAsk = method === 'GET' && path === '/chats/{chat_id}' && reply.statusCode === 200;
        expect(reply.headers['cache-control'], label).toBe(
          mayAsk ? 'private, no-cache' : 'private, no-store',
        );
        expect(varyOf(reply), label).toEqual(expect.arrayContaining(TOKENS));
        seen.add(reply.statusCode);
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404]));
  },
);

onEachDatabase('a reply that the client has already is 304, as private as the first', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', {})).json();
  const first = await ask('GET', `/chats/${id}`);
  const again = await ask('GET', `/chats/${id}`, undefined, { 'if-none-match': String(first.headers.etag) });
  expect(again.statusCode).toBe(304);
  for (const name of ['etag', 'cache-control', 'vary']) {
    expect(again.headers[name], name).toEqual(first.headers[name]);
  }
});

onEachDatabase('what all users share says how long it lasts', async ({ app }) => {
  const cached = async (url: string) => (await app.inject(url)).headers['cache-control'];
  expect(await cached('/health')).toBe('no-store');
  expect(await cached('/ready')).toBe('no-store');
  expect(await cached('/nowhere')).toBe('private, no-store');
  expect(await cached('/openapi.json')).toBe('public, max-age=300');
});

test('Vary names the origin and the encoding beside the tokens, and each once', async () => {
  const [pglite] = DATABASES;
  const db = await (pglite as (typeof DATABASES)[0]).open();
  const app = await serverOn(db, { env: { QUESTLOG_CORS_ORIGINS: 'https://app.example' } });
  const headers = { origin: 'https://app.example', 'accept-encoding': 'gzip' };
  const ask = asUser(app, newUser());
  const title = 'x'.repeat(5_000);
  for (const reply of [
    await ask('GET', '/chats', undefined, headers),
    await ask('GET', '/chats/unknown', undefined, headers),
    await ask('POST', '/chats', { conversation: [{ role: 'user', content: title }] }, headers),
  ]) {
    expect(varyOf(reply)).toEqual(['accept-encoding', ...TOKENS, 'origin'].sort());
  }
});

test('an embedder’s own Vary stays', async () => {
  const [pglite] = DATABASES;
  const db = await (pglite as (typeof DATABASES)[0]).open();
  const app = Fastify();
  onTestFinished(() => app.close());
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('vary', ['Cookie', 'x-tenant']);
  });
  await app.register(chatStorageRouter, { prefix: '/chats', db, authenticate: byHeader });
  const reply = await asUser(app, newUser())('GET', '/chats');
  expect(varyOf(reply)).toEqual([...TOKENS, 'cookie', 'x-tenant'].sort());
  expect(reply.headers['cache-control']).toBe('private, no-store');
});
