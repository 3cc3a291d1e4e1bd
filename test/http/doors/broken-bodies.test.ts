import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { serveFetch } from '../../../src/http/doors/serve-fetch.ts';

/** A server that counts what it carries out. */
function serve() {
  const app = Fastify();
  const carriedOut: unknown[] = [];
  app.post('/', async ({ body }) => carriedOut.push(body));
  onTestFinished(() => app.close());
  const ask = (
    init: RequestInit,
    prepare: (request: Request) => void = () => undefined,
  ): Promise<Response> => {
    const request = new Request('http://host/', { method: 'POST', ...init });
    prepare(request);
    return serveFetch(async () => app)(request);
  };
  return { ask, carriedOut };
}

const ask = (...args: Parameters<ReturnType<typeof serve>['ask']>) => serve().ask(...args);

test.each([
  { what: 'shorter', length: '10', chunks: ['{}'] },
  { what: 'longer', length: '2', chunks: ['{}\n\n'] },
  { what: 'longer, by another chunk', length: '2', chunks: ['{}', '{}'] },
  {
    what: 'longer, by another request',
    length: '2',
    chunks: ['{', '}', 'POST / HTTP/1.1\r\nhost: a\r\n\r\n'],
  },
])(
  'a body that is $what than the host says is refused, and nothing is carried out',
  async ({ length, chunks }) => {
    const { ask, carriedOut } = serve();
    const body = ReadableStream.from(chunks.map((chunk) => Buffer.from(chunk)));
    const headers = { 'content-type': 'application/json', 'content-length': length };
    const reply = await ask({ headers, body, duplex: 'half' } as RequestInit);
    expect([reply.status, await reply.json()]).toMatchObject([400, { code: 'invalid_request' }]);
    expect(carriedOut).toEqual([]);
  },
);

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
