import type { AgentInputItem } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { textOf } from '../support/agents.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { processStage } from '../support/process-stage.ts';
import type { RunsProcess } from '../support/runs-process.ts';
import { LIMIT_MS } from '../support/timing.ts';

async function conversationOf(server: RunsProcess, chatId: string): Promise<AgentInputItem[]> {
  const reply = await server.ask('GET', `/chats/${chatId}`);
  return ((await reply.json()) as { conversation: AgentInputItem[] }).conversation;
}

test('SIGTERM lets a run finish in time, and stores one that does not as interrupted, with its partial text', async () => {
  const stopping = createGate();
  const { api, start } = await processStage(() => ({
    text: 'one two three',
    hangAfter: 1,
    until: stopping.opened,
  }));
  const [patient, hasty] = await Promise.all([start({ shutdownMs: LIMIT_MS }), start({ shutdownMs: 100 })]);
  const begin = async (server: RunsProcess) => {
    const chatId = newId();
    const streamed = await server.ask('POST', '/chat/stream', { input: 'go', session_id: chatId });
    const body = streamed.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    await readUntil(body, /"delta":"one "/);
    return { chatId, body, runId: streamed.headers.get('x-run-id') };
  };
  const finishing = await begin(patient);
  const patientExit = patient.program.kill('SIGTERM');
  const decide = () =>
    patient.ask('POST', `/runs/${finishing.runId}/approvals`, {
      decisions: [{ call_id: 'a', approve: true }],
    });
  // It takes no more work, so it is shutting down.
  await expect.poll(async () => (await decide()).status).toBe(503);
  stopping.open();
  await readUntil(finishing.body, /event: stream_complete/);
  expect(await patientExit).toMatchObject({ code: 0 });

  api.script = () => ({ text: 'one two three', hangAfter: 2 });
  const cut = await begin(hasty);
  const hastyExit = hasty.program.kill('SIGTERM');
  await readUntil(cut.body, /event: error\ndata: .*run_interrupted/);
  expect(await hastyExit).toMatchObject({ code: 0 });

  const next = await start({ shutdownMs: 0 });
  expect((await conversationOf(next, finishing.chatId)).map(textOf)).toEqual(['go', 'one two three']);
  expect(await conversationOf(next, cut.chatId)).toMatchObject([
    { role: 'user' },
    { role: 'assistant', status: 'incomplete' },
  ]);
  expect(await (await next.ask('GET', `/runs/${cut.runId}`)).json()).toMatchObject({ status: 'interrupted' });
}, 180_000);

test('a rolling restart of two processes under load loses no acknowledged message and doubles none', async () => {
  const { api, start } = await processStage(() => ({ text: 'Very well.', pace: 5 }));
  const servers = await Promise.all([start({ shutdownMs: 5_000 }), start({ shutdownMs: 5_000 })]);
  let over = false;
  const talk = async (number: number) => {
    const chatId = newId();
    const acknowledged: string[] = [];
    for (let turn = 0; !over; turn += 1) {
      const message = `m${number}-${turn}`;
      const server = servers[(number + turn) % 2] as RunsProcess;
      const key = { 'idempotency-key': `${chatId}-${turn}` };
      for (;;) {
        const body = { input: message, session_id: chatId };
        const reply = await server.ask('POST', '/chat/run', body, { headers: key }).catch(() => undefined);
        if (reply?.status === 200) break;
        if (over) return { chatId, acknowledged };
        await new Promise((resolve) => setTimeout(resolve, 50));
        const other = servers.find((one) => one !== server) as RunsProcess;
        const retried = await other.ask('POST', '/chat/run', body, { headers: key }).catch(() => undefined);
        if (retried?.status === 200) break;
      }
      acknowledged.push(message);
    }
    return { chatId, acknowledged };
  };
  const talks = Array.from({ length: 6 }, (_, number) => talk(number));
  for (const place of [0, 1]) {
    const fresh = await start({ shutdownMs: 5_000 });
    const old = servers[place] as RunsProcess;
    servers[place] = fresh;
    expect(await old.program.kill('SIGTERM')).toMatchObject({ code: 0 });
  }
  over = true;
  const all = await Promise.all(talks);
  expect(api.refusals).toEqual([]);
  for (const { chatId, acknowledged } of all) {
    const said = (await conversationOf(servers[0] as RunsProcess, chatId))
      .filter((item) => 'role' in item && item.role === 'user')
      .map(textOf);
    expect(new Set(said).size).toBe(said.length);
    expect(said).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged.length).toBeGreaterThan(1);
  }
}, 180_000);
