import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { onEachDatabase, serverOn } from '../support/app.ts';
import { DATABASES } from '../support/databases.ts';
import { ApiDocument, type DocumentedRoute } from '../support/openapi.ts';
import { OPEN_ROUTES, ROUTE_NAMES } from '../support/routes.ts';
import { readEvents } from '../support/sse.ts';

async function documentOf(): Promise<ApiDocument> {
  const [database] = DATABASES;
  if (database === undefined) throw new Error('no database');
  return ApiDocument.of(await serverOn(await database.open()));
}

const nameOf = ({ method, path }: DocumentedRoute) => `${method} ${path}`;

test('/openapi.json is valid OpenAPI 3.1', async () => {
  const { json } = await documentOf();
  const result = await new Validator().validate(structuredClone(json));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  expect(json.openapi).toBe('3.1.0');
});

test('/openapi.json documents exactly the routes of the server', async () => {
  const { routes } = await documentOf();
  expect(routes.map(nameOf).sort()).toEqual([...ROUTE_NAMES].sort());
  expect(routes.filter(({ operation }) => operation.security?.length === 0).map(nameOf)).toEqual(OPEN_ROUTES);
});

test('every reference in /openapi.json leads to a schema, and every schema is used', async () => {
  const { json } = await documentOf();
  const used = new Set([...JSON.stringify(json).matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref));
  const known = Object.keys(json.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect([...used].sort()).toEqual(known.sort());
});

test('every operation has an id of its own, a summary, its problems, and says what its parameters are', async () => {
  const { routes } = await documentOf();
  const ids = routes.map(({ operation }) => operation.operationId);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  expect(new Set(ids).size).toBe(ids.length);
  for (const route of routes) {
    const { summary, parameters = [], responses, security } = route.operation;
    expect(summary, nameOf(route)).toBeTruthy();
    const inPath = parameters.filter((parameter) => parameter.in === 'path');
    const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, required: true }));
    expect(inPath, nameOf(route)).toMatchObject(named);
    const statuses = Object.keys(responses);
    if (security === undefined) {
      expect(statuses, nameOf(route)).toEqual(expect.arrayContaining(['401', '429', '503']));
    }
    if (named.length > 0) expect(statuses, nameOf(route)).toEqual(expect.arrayContaining(['400', '404']));
    if (route.operation.requestBody)
      expect(statuses, nameOf(route)).toEqual(expect.arrayContaining(['400', '413']));
  }
});

test('every body, of a request and of a reply, has examples that conform to its schema', async () => {
  const document = await documentOf();
  let seen = 0;
  for (const route of document.routes) {
    const contents = [route.operation.requestBody, ...Object.values(route.operation.responses)].flatMap(
      (body) => Object.values(body?.content ?? {}),
    );
    for (const content of contents) {
      const examples = document.examples(content);
      expect(examples.length, `${nameOf(route)}: ${JSON.stringify(content)}`).toBeGreaterThan(0);
      for (const example of examples)
        expect(document.errors(content.schema, example), nameOf(route)).toEqual([]);
      seen += examples.length;
    }
  }
  expect(seen).toBeGreaterThan(40);
});

test('/docs renders, and everything that it loads is on this server', async () => {
  const [database] = DATABASES;
  const app = await serverOn(await (database as (typeof DATABASES)[0]).open());
  const page = await app.inject('/docs');
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => String(url));
  expect(assets.length).toBeGreaterThan(4);
  for (const url of assets) {
    const asset = new URL(url, 'http://server.test/docs/');
    expect(asset.origin, url).toBe('http://server.test');
    expect((await app.inject(asset.pathname)).statusCode, url).toBe(200);
  }
  const policy = String(page.headers['content-security-policy']);
  expect(policy).toContain("default-src 'self'");
  // No other origin, and no upgrade to https, which a server without TLS does not have.
  expect(policy).not.toMatch(/https?:|\w\.\w|upgrade-insecure/);
  expect((await app.inject('/docs/json')).body).toBe((await app.inject('/openapi.json')).body);
});

onEachDatabase('real replies are what the documentation says of them', async ({ app, ask }) => {
  const document = await ApiDocument.of(app);
  const expectDocumented = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    status: number,
    { body, id = '', headers }: { body?: unknown; id?: string; headers?: Record<string, string> } = {},
  ) => {
    const { operation } = document.route(method, path.split('?')[0] as string);
    const reply = await ask(method, path.replace('{chat_id}', id), body, headers);
    expect(reply.statusCode, `${method} ${path}: ${reply.body}`).toBe(status);
    const content = operation.responses[status]?.content ?? {};
    const [type, documented] = Object.entries(content)[0] ?? [];
    if (documented === undefined) expect(reply.body).toBe('');
    else {
      expect(reply.headers['content-type']).toContain(type);
      const values =
        type === 'text/event-stream' ? readEvents(reply.body).map(({ data }) => data) : [reply.json()];
      for (const value of values) expect(document.errors(documented.schema, value), path).toEqual([]);
    }
    return reply;
  };
  const conversation = [{ role: 'user', content: 'hi', x: null }];
  const made = await expectDocumented('POST', '/chats', 201, { body: { title: 'x', conversation } });
  const { chat_id: id } = made.json();
  await expectDocumented('GET', '/chats', 200);
  await expectDocumented('GET', '/chats?include=conversation&limit=1', 200);
  await expectDocumented('GET', '/chats/{chat_id}', 200, { id });
  await expectDocumented('GET', '/chats/{chat_id}', 304, { id, headers: { 'if-none-match': '*' } });
  await expectDocumented('GET', '/chats/{chat_id}/items', 200, { id });
  await expectDocumented('PUT', '/chats/{chat_id}', 200, { id, body: { title: null } });
  await expectDocumented('PUT', '/chats/{chat_id}', 412, { id, body: {}, headers: { 'if-match': '"0"' } });
  await expectDocumented('POST', '/chat/run', 200, { body: { input: 'Roll 2d6', session_id: id } });
  await expectDocumented('POST', '/chat/stream', 200, {
    body: { input: 'Create a character', session_id: id },
  });
  await expectDocumented('GET', '/chats/{chat_id}/items', 200, { id });
  await expectDocumented('GET', '/chat/info', 200);
  await expectDocumented('DELETE', '/chats/{chat_id}', 204, { id });
  await expectDocumented('POST', '/chats/{chat_id}/restore', 200, { id });
  for (const path of ['/health', '/ready']) await expectDocumented('GET', path, 200);
  await expectDocumented('GET', '/chats?foo=1', 400);
  await expectDocumented('POST', '/chat/run', 400, { body: {} });
  await expectDocumented('GET', '/chats/{chat_id}', 404, { id: 'unknown' });
});
