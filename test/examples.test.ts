import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOpenAiStub } from './models/openai-stub.ts';
import { createPostgresDatabase } from './support/databases.ts';
import { type Program, startProgram } from './support/process.ts';

let openai: Awaited<ReturnType<typeof startOpenAiStub>>;
beforeAll(async () => {
  openai = await startOpenAiStub();
});
afterAll(() => openai.close());

async function start(name: string, env: Record<string, string> = {}): Promise<Program> {
  return startProgram(`examples/${name}.ts`, {
    env: {
      DATABASE_URL: await createPostgresDatabase(),
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: openai.baseUrl,
      OPENAI_AGENTS_DISABLE_TRACING: '1',
      ...env,
    },
  });
}

test('examples/session.ts talks twice and the model gets the first turn with the second', async () => {
  const before = openai.seen.length;
  const program = await start('session');
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines().at(-1)).toMatch(/^4 items in chat [0-9a-f-]{36}$/);
  const [first, second] = openai.seen.slice(before);
  expect(first?.body.input).toHaveLength(1);
  expect(second?.body.input).toHaveLength(3);
  expect(JSON.stringify(second?.body.input)).toContain('Hello, I need help with Python');
});

test('examples/offline.ts answers without a key, and keeps what was said', async () => {
  const program = await start('offline', { OPENAI_API_KEY: '' });
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines()).toEqual([
    'Hello! I am offline.',
    'You said hello.',
    expect.stringMatching(/^4 items in chat [0-9a-f-]{36}$/),
  ]);
});

test('examples/compaction.ts puts a summary in the place of the first turn', async () => {
  const program = await start('compaction');
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines()[0]).toMatch(/^compacted \d+$/);
  const output = program.lines().join(' ');
  expect(output).toMatch(/Summary of the conversation.*How much is one.*5,000 euros/);
  expect(output).not.toContain('cargo bike');
});

test('examples/own-transaction.ts writes a chat with an order, and neither when one fails', async () => {
  const program = await start('own-transaction');
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines()).toEqual(["[ { role: 'user', content: 'Where is my order?' } ]", 'undefined']);
});

test('examples/moving.ts has each chat once, with all its items', async () => {
  const program = await start('moving');
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines()).toEqual(['order-1 1', 'trip 1', 'thread-1 4', 'chats 3']);
});

test('examples/own-tests.ts tests an agent without a model and a server', async () => {
  const program = await start('own-tests');
  expect(await program.exited, program.output()).toEqual({ code: 0, signal: null });
  expect(program.lines()).toEqual(expect.arrayContaining([expect.stringMatching(/pass 2$/)]));
});

test('examples/fastify-app.ts serves its own users with its own agent', async () => {
  const program = await start('fastify-app', { PORT: '0' });
  const url = (await program.line(/^listening on /)).replace('listening on ', '');
  const ask = (path: string, token: string, body?: unknown) =>
    fetch(url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const run = await ask('/chat/run', 'secret-of-ada', { input: 'My chain is off' });
  expect(await run.json()).toMatchObject({ success: true, final_output: 'Well met, hero!' });
  expect(await (await ask('/chats', 'secret-of-ada')).json()).toMatchObject({ total: 1 });
  expect((await ask('/chats', 'wrong')).status).toBe(401);
  expect(await (await ask('/', '')).text()).toBe('my own route');
  expect(await program.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});
