import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { compressReplies } from '../../src/server/requests/compression.ts';
import { asUser, onEachDatabase, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { ApiDocument } from '../support/openapi.ts';
import { openStream } from '../support/slow-reader.ts';

const gzip = { 'accept-encoding': 'gzip, deflate, br' };

const conversation = Array.from({ length: 20 }, (_, index) => ({
  role: 'user',
  content: `${index}: the dragon sleeps under the mountain. `.repeat(8),
}));

onEachDatabase('JSON is compressed for those who accept it, and for nobody else', async ({ ask }) => {
  const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
  const plain = await ask('GET', `/chats/${id}`);
  expect(plain.headers).not.toHaveProperty('content-encoding');
  const packed = await ask('GET', `/chats/${id}`, undefined, gzip);
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 4);
  for (const accepted of ['identity', 'gzip;q=0', 'br']) {
    const reply = await ask('GET', `/chats/${id}`, undefined, { 'accept-encoding': accepted });
    expect(reply.body === plain.body, accepted).toBe(true);
  }
  expect((await ask('GET', '/chats?limit=1', undefined, gzip)).headers).not.toHaveProperty(
    'content-encoding',
  );
});

onEachDatabase(
  'each encoding of a chat has a strong tag of its own, and every one counts',
  async ({ ask }) => {
    const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
    const url = `/chats/${id}`;
    const plain = String((await ask('GET', url)).headers.etag);
    const packed = String((await ask('GET', url, undefined, gzip)).headers.etag);
    expect(packed).toMatch(/^"\d+-gzip"$/);
    expect(plain).toBe(packed.replace('-gzip', ''));
    for (const tag of [plain, packed, `W/${packed}`, `"other", ${packed}`]) {
      const known = await ask('GET', url, undefined, { ...gzip, 'if-none-match': tag });
      expect([known.statusCode, known.body, known.headers['content-encoding']], tag).toEqual([
        304,
        '',
        undefined,
      ]);
      expect(tag, 'the 304 repeats the tag').toContain(known.headers.etag);
    }
    const head = await ask('HEAD', url, undefined, gzip);
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', plain]);
    for (const tag of [`W/${packed}`, '"0-gzip"', packed.replace('"', '')]) {
      expect((await ask('PUT', url, { title: 'No' }, { 'if-match': tag })).statusCode, tag).toBe(412);
    }
    const changed = await ask('PUT', url, { title: 'Yes' }, { ...gzip, 'if-match': packed });
    expect(changed.statusCode).toBe(200);
    expect((await ask('PUT', url, { title: 'Late' }, { 'if-match': packed })).statusCode).toBe(412);
    const newest = String(changed.headers.etag);
    expect((await ask('DELETE', url, undefined, gzip)).headers).not.toHaveProperty('content-encoding');
    expect(newest).not.toBe(packed);
  },
);

onEachDatabase('an event stream is never compressed', async ({ app, ask }) => {
  const { routes } = await ApiDocument.of(app);
  const streams = routes.filter(
    ({ operation }) => 'text/event-stream' in (operation.responses[200]?.content ?? {}),
  );
  const posts = ['/agents/dungeon-master/stream', '/chat/stream'];
  expect(streams.map(({ path }) => path).sort()).toEqual([...posts, '/runs/{run_id}/events']);
  const input = 'Tell me everything. '.repeat(200);
  for (const path of posts) {
    const begun = await ask('POST', path, { input, session_id: null }, gzip);
    const followed = await ask('GET', `/runs/${begun.headers['x-run-id']}/events`, undefined, gzip);
    for (const { headers, body } of [begun, followed]) {
      expect(headers['content-type']).toContain('text/event-stream');
      expect(headers).not.toHaveProperty('content-encoding');
      expect(body).toContain('event: stream_complete');
    }
  }
});

test('a compressed body of a request is no way around the limit', async () => {
  const [pglite] = DATABASES;
  const app = await serverOn(await (pglite as (typeof DATABASES)[0]).open());
  const ask = asUser(app, newUser());
  const reply = await ask('POST', '/chats', gzipSync('{}'), { 'content-encoding': 'gzip' });
  expect(reply.statusCode).toBe(415);
});

test('a long reply is compressed as its client reads it, and ends with it', async () => {
  let made = 0;
  const sources: Readable[] = [];
  const app = Fastify({ forceCloseConnections: true });
  await compressReplies(app);
  app.get('/', (_request, reply) => {
    const source = Readable.from(pieces(), { objectMode: false });
    sources.push(source);
    return reply.type('application/json').send(source);
  });
  // Nothing that gzip could make small.
  function* pieces(): Generator<string> {
    for (let piece = 0; piece < 1_000; piece += 1) {
      made += 1;
      yield randomBytes(75_000).toString('base64');
    }
  }
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const replies = await Promise.all([openStream(url, { headers: gzip }), openStream(url, { headers: gzip })]);
  for (const reply of replies) expect(reply.headers['content-encoding']).toBe('gzip');
  let before = 0;
  // What sockets hold differs between systems; in all it is far from 200 MB.
  await expect
    .poll(
      () => {
        const isStill = made === before;
        before = made;
        return isStill;
      },
      { interval: 500 },
    )
    .toBe(true);
  expect(made).toBeLessThan(500);
  for (const reply of replies) reply.destroy();
  await expect.poll(() => sources.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});
