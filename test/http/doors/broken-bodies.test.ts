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

test('a body that somebody else is reading is refused in words', async () => {
  const reply = await ask({ body: '{}' }, ({ body }) => void body?.getReader());
  expect([reply.status, await reply.json()]).toMatchObject([500, { code: 'invalid_configuration' }]);
});
