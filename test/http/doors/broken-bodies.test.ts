import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { serveFetch } from '../../../src/http/doors/serve-fetch.ts';

function ask(init: RequestInit, prepare: (request: Request) => void = () => undefined): Promise<Response> {
  const app = Fastify();
  app.post('/', async () => 'never');
  onTestFinished(() => app.close());
  const request = new Request('http://host/', { method: 'POST', ...init });
  prepare(request);
  return serveFetch(async () => app)(request);
}

test('a body that is shorter than the host says is refused', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': '10' };
  const reply = await ask({ headers, body: '{}' });
  expect([reply.status, await reply.json()]).toMatchObject([400, { code: 'invalid_request' }]);
});

test.each([0, 1, 50])('a body that breaks after %d ms is refused', async (ms) => {
  const body = new ReadableStream({
    start: (controller) => void setTimeout(() => controller.error(new Error('gone')), ms),
  });
  const headers = { 'content-type': 'application/json' };
  const reply = await ask({ headers, body, duplex: 'half' } as RequestInit);
  expect([reply.status, await reply.json()]).toMatchObject([400, { code: 'invalid_request' }]);
});

test('a body that somebody else is reading is refused in words', async () => {
  const reply = await ask({ body: '{}' }, ({ body }) => void body?.getReader());
  expect([reply.status, await reply.json()]).toMatchObject([500, { code: 'invalid_configuration' }]);
});
