import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { processStage } from '../support/process-stage.ts';
import type { RunsProcess } from '../support/runs-process.ts';
import { readEvents } from '../support/sse.ts';
import type { Script } from '../support/strict/reply.ts';

const TIMEOUT = 120_000;

let stage: Awaited<ReturnType<typeof processStage>>;
let one: RunsProcess;
let other: RunsProcess;

beforeAll(async () => {
  stage = await processStage(() => ({}), afterAll);
  [one, other] = await Promise.all([stage.start(), stage.start()]);
});

async function getJson(server: RunsProcess, path: string): Promise<Record<string, unknown>> {
  return (await (await server.ask('GET', path)).json()) as Record<string, unknown>;
}

const executions = () => readFileSync(stage.file, 'utf8').split('\n').slice(0, -1);

describe('two processes on one database', () => {
  test(
    'a run that one began is watched on the other and cancelled from there, and keeps what it had',
    async () => {
      stage.api.script = () => ({ text: 'one two three', hangAfter: 2 });
      const body = { input: 'go', session_id: newId() };
      const began = await one.ask('POST', '/chat/stream', body);
      const id = String(began.headers.get('x-run-id'));
      const watching = await other.ask('GET', `/runs/${id}/events`);
      const reader = watching.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
      const seen = await readUntil(reader, /"delta":"two "/);

      expect((await other.ask('POST', `/runs/${id}/cancel`)).status).toBe(202);
      const cancelled = { type: 'error', data: { code: 'run_cancelled', run_id: id } };
      const rest = await readUntil(reader, /event: error\n.*\n\n$/);
      expect(readEvents(seen + rest).at(-1)).toMatchObject(cancelled);
      expect(readEvents(await began.text()).at(-1)).toMatchObject(cancelled);
      for (const server of [one, other]) {
        expect(await getJson(server, `/runs/${id}`)).toMatchObject({ status: 'cancelled' });
        expect(await getJson(server, `/chats/${body.session_id}`)).toMatchObject({
          conversation: [
            { role: 'user' },
            { role: 'assistant', status: 'incomplete', content: [{ text: 'one two ' }] },
          ],
        });
      }
    },
    TIMEOUT,
  );

  test(
    'a request that one began is joined on the other by its key, while it runs and afterwards, also as a stream',
    async () => {
      const awake = createGate();
      stage.api.script = () => ({ text: 'one two', hangAfter: 1, until: awake.opened });
      stage.api.asked.length = 0;
      const headers = { 'idempotency-key': newId() };
      const post = (server: RunsProcess, path: string, body: object = { input: 'go' }) =>
        server.ask('POST', path, body, { headers });
      const began = await post(one, '/chat/stream');
      const joined = await post(other, '/chat/stream');
      const waiting = post(other, '/chat/run');
      const refused = await post(other, '/chat/run', { input: 'stop' });
      expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'key_reused' }]);
      awake.open();

      const whole = await began.text();
      expect(await joined.text()).toBe(whole);
      const result = await (await waiting).json();
      const { run_id, final_output } = readEvents(whole).at(-1)?.data ?? {};
      expect(result).toMatchObject({ success: true, run_id, final_output });
      for (const server of [one, other]) {
        expect(await (await post(server, '/chat/run')).json()).toEqual(result);
        expect(await (await post(server, '/chat/stream')).text()).toBe(whole);
      }
      expect(stage.api.asked).toHaveLength(1);
    },
    TIMEOUT,
  );
});

/** Asks for one approval, then says that it is done. */
const guardedOnce: Script = (input) =>
  input.at(-1)?.type === 'function_call_output'
    ? { text: 'Done.' }
    : { calls: [{ name: 'guarded', args: { line: newId() }, id: 'a' }] };

/** A run that waits for an approval. */
async function pausedOn(server: RunsProcess) {
  const body = { input: 'go', session_id: newId() };
  const reply = await server.ask('POST', '/chat/stream', body);
  const text = await reply.text();
  const events = readEvents(text);
  expect(events.at(-1)).toMatchObject({ type: 'approval_required', data: { pending: [{ call_id: 'a' }] } });
  const id = String(reply.headers.get('x-run-id'));
  return { id, chatId: body.session_id, text, last: Number(events.at(-1)?.id) };
}

const approve = (server: RunsProcess, id: string) =>
  server.ask('POST', `/runs/${id}/approvals`, { decisions: [{ call_id: 'a', approve: true }] });

/** The events of a run after one of them. */
async function follow(server: RunsProcess, id: string, last: number): Promise<string> {
  const headers = { 'last-event-id': String(last) };
  return (await server.ask('GET', `/runs/${id}/events`, undefined, { headers })).text();
}

const DONE = { type: 'stream_complete', data: { final_output: 'Done.' } };

describe('a run that waits for approval on one process', () => {
  test(
    'goes on where it is decided, also when its process is dead, and every reader gets the same',
    async () => {
      stage.api.script = guardedOnce;
      const before = executions().length;
      const mortal = await stage.start();
      const first = await pausedOn(mortal);
      const second = await pausedOn(mortal);

      expect((await approve(other, first.id)).status).toBe(202);
      const told = await follow(other, first.id, first.last);
      expect(readEvents(told).at(-1)).toMatchObject(DONE);
      const whole = first.text + told.replace(/^: questlog\n\n/, '');
      for (const server of [mortal, one, other]) {
        expect(await follow(server, first.id, first.last)).toBe(told);
        expect(await follow(server, first.id, 0)).toBe(whole);
      }

      await mortal.program.kill('SIGKILL');
      expect((await approve(other, second.id)).status).toBe(202);
      expect(readEvents(await follow(one, second.id, second.last)).at(-1)).toMatchObject(DONE);
      for (const { id, chatId } of [first, second]) {
        expect(await getJson(one, `/runs/${id}`)).toMatchObject({ status: 'completed', pending: [] });
        expect(await getJson(one, `/chats/${chatId}`)).toMatchObject({
          conversation: [
            { role: 'user' },
            { type: 'function_call' },
            { type: 'function_call_result' },
            { role: 'assistant', content: [{ text: 'Done.' }] },
          ],
        });
      }
      expect(executions().length - before).toBe(2);
      expect(stage.api.refusals).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    'takes one of two decisions that are given to both at once, and executes its call once',
    async () => {
      stage.api.script = guardedOnce;
      const before = executions().length;
      const runs = await Promise.all([one, other, one, other].map(pausedOn));
      await Promise.all(
        runs.map(async ({ id }) => {
          const replies = await Promise.all([approve(one, id), approve(other, id)]);
          expect(replies.map(({ status }) => status).toSorted()).toEqual([202, 409]);
          const refused = replies.find(({ status }) => status === 409);
          expect(await refused?.json()).toMatchObject({ code: 'run_not_waiting', run_id: id });
          expect(readEvents(await follow(one, id, 0)).at(-1)).toMatchObject(DONE);
        }),
      );
      expect(executions().length - before).toBe(runs.length);
    },
    TIMEOUT,
  );
});
