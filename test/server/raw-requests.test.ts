import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { answerParserError } from '../../src/http/replies/raw-problem.ts';
import { serverOn } from '../support/app.ts';
import { DATABASES } from '../support/databases.ts';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { head, liveUpgrade, type RawReply, sendRaw } from '../support/raw-request.ts';

const [{ open }] = DATABASES as [(typeof DATABASES)[0]];
const USER = 'X-Test-User: somebody';

async function startServer(): Promise<string> {
  const app = await serverOn(await open());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** A whole problem with these, by all that its headers say. */
function expectProblem({ status, headers, body }: RawReply, expected: object, label?: string): void {
  expect(headers['content-type'], label).toBe('application/problem+json; charset=utf-8');
  expect(headers['content-length'], label).toBe(String(Buffer.byteLength(body, 'latin1')));
  expect(headers.connection, label).toBe('close');
  expect(headers['x-content-type-options'], label).toBe('nosniff');
  const problem = JSON.parse(body);
  expect(problem, label).toMatchObject({ ...expected, status });
  expect([typeof problem.title, typeof problem.detail], label).toEqual(['string', 'string']);
}

const chunked = head('POST /chats', USER, 'Content-Type: application/json', 'Transfer-Encoding: chunked');

test.each<[string, string | Buffer, object]>([
  ['no HTTP', 'hello\r\n\r\n', { status: 400, code: 'invalid_request' }],
  ['another version', 'GET /chats HTTP/3.0\r\n\r\n', { status: 400, code: 'invalid_request' }],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', { status: 400, code: 'invalid_request' }],
  ['an unknown method', head('BREW /chats'), { status: 400, code: 'invalid_request' }],
  ['a known method without a route', head('PROPFIND /chats', USER), { status: 404, code: 'not_found' }],
  ['no host', 'GET /chats HTTP/1.1\r\nConnection: close\r\n\r\n', { status: 400, code: 'invalid_request' }],
  ['NUL in the path', head('GET /chats/\0'), { status: 400, code: 'invalid_request' }],
  ['NUL in a header', head('GET /chats', 'X: a\0b'), { status: 400, code: 'invalid_request' }],
  [
    'too many headers',
    head('GET /chats', `X: ${'x'.repeat(20_000)}`),
    { status: 431, code: 'headers_too_large' },
  ],
  ['a bad chunk', `${chunked}zz\r\n`, { status: 400, code: 'invalid_request' }],
  ['two lengths', head('POST /chats', 'Content-Length: 1', 'Content-Length: 2'), { status: 400 }],
  ['a negative length', head('POST /chats', 'Content-Length: -1'), { status: 400 }],
  ['an upgrade without a key', liveUpgrade(USER, 'Sec-WebSocket-Version: 13'), { status: 400 }],
])('%s is answered with a problem, and the connection closed', async (what, request, expected) => {
  expectProblem(await sendRaw(await startServer(), request), expected, what);
});

test('an upgrade that the app refuses before its router ends with its connection', async () => {
  const request = liveUpgrade(USER, 'Sec-WebSocket-Version: 13').replace(/Host: .*\r\n/, '');
  const { status, body } = await sendRaw(await startServer(), request);
  expect(JSON.parse(body)).toMatchObject({ status, code: 'invalid_request', errors: [{ field: 'Host' }] });
});

test('a request that does not come in time is a 408 problem', async () => {
  const server = createServer({ connectionsCheckingInterval: 20, headersTimeout: 20, requestTimeout: 20 });
  server.on('clientError', answerParserError);
  await listenLocally(server);
  onTestFinished(() => closeServer(server));
  const reply = await sendRaw(`http://${addressOf(server.address())}`, 'GET / HTTP/1.1\r\nHost: x\r\n');
  expectProblem(reply, { status: 408, code: 'request_timeout' });
});

test('a reply that has begun is cut, never followed by a second one', async () => {
  const server = createServer((_request, response) => void response.write('begun'));
  server.on('clientError', answerParserError);
  await listenLocally(server);
  onTestFinished(() => closeServer(server));
  const socket = connect(Number(addressOf(server.address()).split(':')[1]), '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data;
  });
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
  await expect.poll(() => received).toContain('begun');
  socket.write('zz\r\n');
  await once(socket, 'close');
  expect(received).not.toContain('problem');
});

function addressOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
}

test('what a client expects that nobody knows is ignored', async () => {
  const url = await startServer();
  const reply = await sendRaw(url, head('GET /chats', USER, 'Expect: the-unexpected'));
  expect(reply.status).toBe(200);
});

test.each(['gzip', 'br', 'GZIP', 'identity, gzip', 'x'])('a body in the coding %s is 415', async (coding) => {
  const url = await startServer();
  const body = gzipSync('{}');
  const headers = [USER, 'Content-Type: application/json', `Content-Length: ${body.length}`];
  for (const path of ['/chats', '/chat/run']) {
    const request = head(`POST ${path}`, ...headers, `Content-Encoding: ${coding}`);
    const reply = await sendRaw(url, Buffer.concat([Buffer.from(request), body]));
    expectProblem(reply, { status: 415, code: 'unsupported_media_type' }, path);
  }
  const plain = head('POST /chats', USER, 'Content-Type: application/json', 'Content-Length: 2');
  const reply = await sendRaw(url, plain.replace('\r\n\r\n', '\r\nContent-Encoding: identity\r\n\r\n{}'));
  expect(reply.status).toBe(201);
});

test('no path is a 5xx, whatever it says of folders', async () => {
  const url = await startServer();
  const paths = [
    ...['/docs/static/../../../package.json', '/docs/static/..', '/docs/static/%00', '/docs/static/%2e%2e/x'],
    ...['/assets/../x', '/assets/%00', '/..', '/../..', '/chats/..', '/chats/../x', '/%00'],
    ...[
      '/runs/%00',
      '/runs/../x',
      `/docs/static/${'x'.repeat(5_000)}`,
      'http://[/x',
      'http://x/docs/static/../x',
    ],
  ];
  for (const path of paths) {
    for (const method of ['GET', 'HEAD']) {
      const reply = await sendRaw(url, head(`${method} ${path}`, USER, 'Range: bytes=999-', 'If-Match: "x"'));
      expect([400, 404], `${method} ${path}`).toContain(reply.status);
      expect(reply.headers['content-type'], path).toBe('application/problem+json; charset=utf-8');
    }
  }
  for (const [header, status] of [
    ['Range: bytes=99999999-', 400],
    ['If-Match: "x"', 412],
  ] as const) {
    const reply = await sendRaw(url, head('GET /docs/static/index.css', header));
    expectProblem(reply, { status }, header);
  }
});
