import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { QuestlogError } from '../../../src/errors.ts';
import { createHandler } from '../../../src/http/node.ts';
import type { AgentInfo } from '../../../src/wire/chat.ts';
import type { ChatResponse } from '../../../src/wire/chats.ts';
import { DATABASES, newUser } from '../../support/databases.ts';
import { closeServer, listenLocally } from '../../support/local-server.ts';
import { runsOn } from '../../support/runs.ts';

/** A request after middleware of the host: who signed in, and where the handler is mounted. */
type HostRequest = IncomingMessage & {
  originalUrl?: string;
  user?: string | undefined;
  body?: unknown;
};

/** A host that mounts a handler at `/api`, and does to each request what its middleware would do. */
async function host(middleware: (request: HostRequest) => Promise<void> = async () => undefined) {
  const db = await (DATABASES[0] as (typeof DATABASES)[0]).open();
  const user = newUser();
  const handler = createHandler({
    db,
    runs: runsOn(db),
    agents: [new Agent({ name: 'A', model: new ScriptedModel([]) })],
    basePath: '/api',
    maxItems: 3,
    authenticate: (request: HostRequest) => {
      if (request.user === undefined) throw new QuestlogError('unauthenticated', 'sign in first');
      return { userId: request.user };
    },
  });
  const server = createServer((request: HostRequest, response) => {
    request.originalUrl = request.url ?? '';
    request.url = request.originalUrl.replace(/^\/api/, '');
    request.user = request.headers['x-nobody'] === undefined ? user : undefined;
    void middleware(request).then(() => handler(request, response));
  });
  const port = await listenLocally(server);
  onTestFinished(() => closeServer(server));
  const ask = (path: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  return { user, ask };
}

/** What `express.json()` does, and a parser of text. */
const parseJson = async (request: HostRequest) => {
  request.body = JSON.parse((await buffer(request)).toString());
};
const parseText = async (request: HostRequest) => {
  request.body = (await buffer(request)).toString();
};

describe('the (req, res) handler', () => {
  test('is asked, and speaks of itself, by the whole path of where it is mounted', async () => {
    const { ask } = await host();
    const created = await ask('/api/chats', '{}');
    expect(created.status).toBe(201);
    const location = String(created.headers.get('location'));
    const chat = (await created.json()) as ChatResponse;
    expect(location).toBe(`/api/chats/${chat.chat_id}`);
    expect((await ask(location)).status).toBe(200);
    const info = (await (await ask('/api/agents/a/info')).json()) as AgentInfo;
    expect((await ask(info.endpoints.info)).status).toBe(200);
    const elsewhere = await ask('/chats');
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([
      404,
      { code: 'not_found', detail: expect.stringContaining('/api/') },
    ]);
  });

  test('knows the user whom the host has signed in, and nobody else', async () => {
    const { user, ask } = await host();
    expect(await (await ask('/api/chats', '{}')).json()).toMatchObject({ user_id: user });
    expect((await ask('/api/chats', undefined, { 'x-nobody': '1' })).status).toBe(401);
  });

  test.each([
    ['as JSON', parseJson],
    ['as text', parseText],
  ])('takes a body that the host has parsed %s, and checks it as any other', async (_, parse) => {
    const { ask } = await host((request) => (request.method === 'POST' ? parse(request) : Promise.resolve()));
    const title = 'Ünïcode \u2028 \ud83d\udc09';
    const created = await ask('/api/chats', JSON.stringify({ title }));
    expect([created.status, await created.json()]).toMatchObject([201, { title }]);
    const conversation = Array.from({ length: 4 }, () => ({ role: 'user', content: 'x' }));
    for (const [body, status, field] of [
      [{ conversation }, 413, 'conversation'],
      [{ unknown: 1 }, 400, 'unknown'],
    ] as const) {
      const refused = await ask('/api/chats', JSON.stringify(body));
      expect([refused.status, await refused.text()]).toEqual([status, expect.stringContaining(field)]);
    }
    expect((await ask('/api/chats', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('is told in words of a body that was read and left nowhere', async () => {
    const { ask } = await host(async (request) => void (await buffer(request)));
    const reply = await ask('/api/chats', '{}');
    expect([reply.status, await reply.json()]).toMatchObject([
      500,
      { code: 'invalid_configuration', detail: expect.stringContaining('body was read before') },
    ]);
    expect((await ask('/api/chats')).status).toBe(200);
  });
});
