import { Agent } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createModel } from '../../src/models/model.ts';
import { addTool, kindsOf } from '../support/agents.ts';
import { appWith, asUser, type Mounted, serverOn } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { listen, readUntil } from '../support/live.ts';
import { readEvents } from '../support/sse.ts';

type Open = (typeof DATABASES)[0]['open'];

afterEach(() => {
  vi.useRealTimers();
});

/** A server whose agent calls a tool, then says its last word only when the gate is open. */
async function stage(open: Open, options: Omit<Mounted, 'agent'> = {}) {
  const gate = createGate();
  const reached = createGate();
  const lastWord = modelResponder(async ({ request }) => {
    reached.open();
    const aborted = new Promise<void>((resolve) =>
      request.signal?.addEventListener('abort', () => resolve()),
    );
    await Promise.race([gate.opened, aborted]);
    request.signal?.throwIfAborted();
    return [assistantMessage('Done.')];
  });
  const script = [[functionCall('add', { to: 1 }, { callId: 'c1' })], lastWord];
  const model = new ScriptedModel([...script, ...script]);
  const db = await open();
  const app = await appWith(db, {
    agent: new Agent({ name: 'A', model, tools: [addTool()] }),
    ...options,
  });
  const user = newUser();
  const server = await listen(app, user);
  const reader = asUser(await appWith(db), user);
  return { app, gate, reached, server, reader, id: newUser() };
}

const COMPLETE = ['user', 'call add', 'result add', 'assistant'];

test.each(DATABASES)(
  'a client that leaves does not stop the run, and the history is whole ($name)',
  async ({ open }) => {
    const { gate, reached, server, reader, id } = await stage(open);
    const leave = new AbortController();
    const streamed = await server.post('/chat/stream', { input: 'go', session_id: id }, leave.signal);
    const body = streamed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    await readUntil(body, /event: run_item\ndata: .*tool_output/);
    leave.abort();
    await reached.opened;
    gate.open();
    await expect.poll(() => kindsOf(reader, id)).toEqual(COMPLETE);
  },
);

test.each(DATABASES)(
  'nor does one that leaves while it waits for the whole answer ($name)',
  async ({ open }) => {
    const { gate, reached, server, reader, id } = await stage(open);
    const leave = new AbortController();
    const run = server.post('/chat/run', { input: 'go', session_id: id }, leave.signal);
    await reached.opened;
    leave.abort();
    await expect(run).rejects.toThrow('aborted');
    gate.open();
    await expect.poll(() => kindsOf(reader, id)).toEqual(COMPLETE);
  },
);

test.each(DATABASES)(
  'a closing server lets runs finish, and their clients read all of it ($name)',
  async ({ open }) => {
    const { app, gate, reached, server, reader, id } = await stage(open, { shutdownMs: 3_600_000 });
    const streamed = await server.post('/chat/stream', { input: 'go', session_id: id });
    await reached.opened;
    const closing = app.close();
    gate.open();
    expect(readEvents(await streamed.text()).at(-1)).toMatchObject({
      type: 'stream_complete',
      data: { final_output: 'Done.' },
    });
    await closing;
    expect(await kindsOf(reader, id)).toEqual(COMPLETE);
  },
);

test.each(DATABASES)(
  'a run gets all the time that the server has for it, also when that is long ($name)',
  async ({ open }) => {
    const [gate, reached] = [createGate(), createGate()];
    onTestFinished(gate.open);
    const answer = modelResponder(async () => {
      reached.open();
      await gate.opened;
      return [assistantMessage('Done.')];
    });
    const model = { ...(await createModel({})), model: new ScriptedModel([answer]) };
    const app = await serverOn(await open(), { model, env: { QUESTLOG_SHUTDOWN: '3600' } });
    const server = await listen(app, newUser());
    const streamed = await server.post('/chat/stream', { input: 'go', session_id: null });
    await reached.opened;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const closing = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    // Fastify's own limit, which it has for plugins and hooks, is 10 seconds.
    vi.advanceTimersByTime(60_000);
    gate.open();
    expect(readEvents(await streamed.text()).at(-1)).toMatchObject({ type: 'stream_complete' });
    await closing;
  },
);

test.each(DATABASES)(
  'a run that does not finish in time is interrupted, and says so ($name)',
  async ({ open }) => {
    const { app, reached, server, reader, id } = await stage(open, { shutdownMs: 50 });
    const streamed = await server.post('/chat/stream', { input: 'go', session_id: id });
    const run = server.post('/chat/run', { input: 'go too', session_id: newUser() });
    await reached.opened;
    await expect.poll(async () => (await reader('GET', '/chats')).json().total).toBe(2);
    // Begins to close before, and has more time than this test.
    const patient = await stage(open, { shutdownMs: 3_600_000 });
    onTestFinished(patient.gate.open);
    const waited = await patient.server.post('/chat/stream', { input: 'go', session_id: newUser() });
    await patient.reached.opened;
    const patientlyClosed = patient.app.close();
    const closed = app.close();
    const cancelled = {
      status: 503,
      code: 'run_interrupted',
      detail: expect.stringContaining('stopped'),
    };
    expect(readEvents(await streamed.text()).at(-1)).toMatchObject({ type: 'error', data: cancelled });
    const reply = await run;
    expect([reply.status, await reply.json()]).toMatchObject([503, cancelled]);
    await closed;
    expect((await kindsOf(reader, id))[0]).toBe('user');
    patient.gate.open();
    expect(readEvents(await waited.text()).at(-1)).toMatchObject({ type: 'stream_complete' });
    await patientlyClosed;
  },
);

test('a stream says that it is alive while the model thinks, and leaves no timer behind', async () => {
  const [database] = DATABASES;
  const { gate, reached, server } = await stage((database as (typeof DATABASES)[0]).open);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const streamed = await server.post('/chat/stream', { input: 'go', session_id: null });
  const body = streamed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  await reached.opened;
  // The heartbeat, the writer of events, and the renewal of the lease.
  expect(vi.getTimerCount()).toBe(3);
  vi.advanceTimersByTime(45_000);
  await readUntil(body, /(?:: still here\n\n){3}/);
  gate.open();
  await readUntil(body, /event: stream_complete/);
  await expect.poll(() => vi.getTimerCount()).toBe(0);

  const leave = new AbortController();
  const left = await server.post('/chat/stream', { input: 'go', session_id: null }, leave.signal);
  await readUntil(left.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>, /questlog/);
  leave.abort();
  await expect.poll(() => vi.getTimerCount()).toBe(0);
});
