import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPostgresDatabase } from '../support/databases.ts';
import { INSTALL_TIMEOUT_MS, installExample, packPackage } from '../support/example-app.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { freePort } from '../support/local-server.ts';
import { startProgram } from '../support/process.ts';
import { strictModel } from '../support/runs.ts';
import { readEvents } from '../support/sse.ts';

/** What starts each example, and where it has a route of its own. */
const EXAMPLES = [
  { name: 'express', program: 'dist/app.js', own: '/' },
  { name: 'hono', program: 'dist/app.js', own: '/greeting' },
  { name: 'next', program: 'node_modules/next/dist/bin/next', own: '/' },
] as const;

let tarball: string;
beforeAll(async () => {
  tarball = await packPackage();
}, INSTALL_TIMEOUT_MS);

describe.each(EXAMPLES)('examples/$name, installed and built', ({ name, program, own }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await installExample(name, tarball);
  }, INSTALL_TIMEOUT_MS);

  /** Starts it on a database of its own, and waits until it serves. */
  async function start(env: Record<string, string>) {
    const port = await freePort();
    const args = name === 'next' ? ['start', '-H', '127.0.0.1', '-p', String(port)] : [];
    const example = startProgram(join(folder, program), {
      cwd: folder,
      args,
      env: {
        PORT: String(port),
        DATABASE_URL: await createPostgresDatabase(),
        OPENAI_API_KEY: 'sk-test',
        OPENAI_AGENTS_DISABLE_TRACING: '1',
        ...env,
      },
    });
    onTestFinished(async () => void (await example.kill()));
    const ask = (path: string, body?: object, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: 'Bearer secret-of-ada', 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const status = () =>
      ask('/api/chats').then(
        (reply) => reply.status,
        () => example.output(),
      );
    await expect.poll(status).toBe(200);
    return { example, ask };
  }

  test('serves its own users with its own agent, beside its own routes', async () => {
    const { api } = await strictModel(() => ({ text: 'Well met, hero!' }));
    const { example, ask } = await start({ OPENAI_BASE_URL: api.baseUrl });
    const run = await ask('/api/chat/run', { input: 'My chain is off', session_id: 'bicycle' });
    expect(await run.json()).toMatchObject({ success: true, final_output: 'Well met, hero!' });
    expect(await (await ask('/api/chats')).json()).toMatchObject({ total: 1 });
    expect(await (await ask('/api/agents/support/info')).json()).toMatchObject({ name: 'Support' });
    const stranger = await ask('/api/chats', undefined, { authorization: 'Bearer wrong' });
    expect([stranger.status, await stranger.json()]).toMatchObject([401, { code: 'unauthenticated' }]);
    expect([(await ask(own)).status, (await ask(own)).ok]).toEqual([200, true]);
    expect(await example.kill('SIGTERM')).toMatchObject({
      code: expect.toSatisfy((code) => code === 0 || code === 143),
    });
  });

  test('streams each event when there is one, and a run goes on when its client has left', async () => {
    const { opened, open } = createGate();
    const { api } = await strictModel(() => ({
      text: 'First words. Later words.',
      hangAfter: 2,
      until: opened,
    }));
    const { ask } = await start({ OPENAI_BASE_URL: api.baseUrl });
    const reply = await ask('/api/chat/stream', { input: 'My chain is off' });
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
    const seen = await readUntil(reader, /words\./);
    await reader.cancel();
    open();
    const events = `/api/runs/${reply.headers.get('x-run-id')}/events`;
    const [first, ...rest] = readEvents(
      await (await ask(events, undefined, { 'last-event-id': '1' })).text(),
    );
    expect(seen).toContain('id: 1\n');
    expect([first?.id, rest.at(-1)]).toMatchObject([
      2,
      { type: 'stream_complete', data: { final_output: 'First words. Later words.' } },
    ]);
  });
});
