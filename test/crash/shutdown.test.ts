import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { processStage } from '../support/process-stage.ts';
import type { RunsProcess } from '../support/runs-process.ts';
import { readEvents } from '../support/sse.ts';
import { LIMIT_MS } from '../support/timing.ts';

/** A run, and who reads it, up to the word `two`. */
async function begin(server: RunsProcess, input: string, reading: RunsProcess = server) {
  const body = { input, session_id: newId() };
  const began = await server.ask('POST', '/chat/stream', body);
  const id = String(began.headers.get('x-run-id'));
  const reply = server === reading ? began : await reading.ask('GET', `/runs/${id}/events`);
  const reader = reply.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const read = await readUntil(reader, /"delta":"two ".*\n\n/);
  const rest = async () => {
    const chunks: Uint8Array[] = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
    return read + Buffer.concat(chunks).toString();
  };
  return { id, chatId: body.session_id, rest };
}

async function follow(server: RunsProcess, id: string, after: number): Promise<string> {
  const headers = { 'last-event-id': String(after) };
  return (await server.ask('GET', `/runs/${id}/events`, undefined, { headers })).text();
}

const withoutComments = (stream: string) => stream.replace(/^:.*\n\n/gm, '');

test('SIGTERM lets a short run finish, interrupts a long one, and the reader of each goes on from another process', async () => {
  const short = createGate();
  const elsewhere = createGate();
  const { start } = await processStage((input) => {
    const asked = JSON.stringify(input);
    const until = /short/.test(asked) ? short : /elsewhere/.test(asked) ? elsewhere : createGate();
    return { text: 'one two three', hangAfter: 2, until: until.opened };
  });
  const [stopping, other] = await Promise.all([start({ shutdownMs: LIMIT_MS }), start()]);
  const finishing = await begin(stopping, 'short');
  const cut = await begin(stopping, 'long');
  const watched = await begin(other, 'elsewhere', stopping);

  const exit = stopping.program.kill('SIGTERM');
  const decide = () =>
    stopping.ask('POST', `/runs/${cut.id}/approvals`, { decisions: [{ call_id: 'a', approve: true }] });
  // It takes no more work, so it is shutting down.
  await expect.poll(async () => (await decide()).status).toBe(503);
  short.open();
  expect(readEvents(await finishing.rest()).at(-1)).toMatchObject({
    type: 'stream_complete',
    data: { final_output: 'one two three' },
  });
  process.kill(stopping.program.pid, 'SIGUSR2');
  const told = await cut.rest();
  expect(readEvents(told).at(-1)).toMatchObject({
    type: 'error',
    data: { code: 'run_interrupted', run_id: cut.id },
  });
  const before = await watched.rest();
  expect(await exit).toMatchObject({ code: 0 });

  elsewhere.open();
  const last = readEvents(before).at(-1);
  expect(last).toMatchObject({ type: 'raw_response', data: { delta: 'two ' } });
  const after = await follow(other, watched.id, Number(last?.id));
  const whole = withoutComments(await follow(other, watched.id, 0));
  expect(withoutComments(before) + withoutComments(after)).toBe(whole);
  expect(readEvents(whole).at(-1)).toMatchObject({ type: 'stream_complete' });

  expect(await follow(other, cut.id, 0)).toBe(told);
  expect(readEvents(await follow(other, cut.id, Number(readEvents(told).at(-1)?.id)))).toEqual([]);
  expect(await (await other.ask('GET', `/runs/${cut.id}`)).json()).toMatchObject({ status: 'interrupted' });
  const chats = [finishing, cut].map(async ({ chatId }) =>
    (await other.ask('GET', `/chats/${chatId}`)).json(),
  );
  expect(await Promise.all(chats)).toMatchObject([
    { conversation: [{ role: 'user' }, { role: 'assistant', content: [{ text: 'one two three' }] }] },
    {
      conversation: [
        { role: 'user' },
        { role: 'assistant', status: 'incomplete', content: [{ text: 'one two ' }] },
      ],
    },
  ]);
}, 120_000);
