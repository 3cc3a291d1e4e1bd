import { expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { createGate } from '../support/gate.ts';
import { readUntil } from '../support/live.ts';
import { conversationOf, jsonOf, stageServers } from '../support/stage-servers.ts';
import type { Script } from '../support/strict-openai.ts';

const MINUTES = 120_000;

const readerOf = (reply: Response) => reply.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;

/** Calls the guarded tool once, then says that it is done. */
const asksFirst: Script = (input) => {
  if (input.at(-1)?.type === 'function_call_output') return { text: 'Done.' };
  return { calls: [{ name: 'guarded', args: { line: 'burnt' }, id: newId() }] };
};

test(
  'a run of one process is watched and cancelled from another, and both tell the same bytes',
  async () => {
    const { start } = await stageServers(() => ({ text: 'one two three', hangAfter: 2 }));
    const [one, other] = await Promise.all([start(0), start(0)]);
    const chatId = newId();
    const streamed = await one.ask('POST', '/chat/stream', { input: 'go', session_id: chatId });
    const run = `/runs/${streamed.headers.get('x-run-id')}`;
    const watched = readerOf(await other.ask('GET', `${run}/events`));
    const began = await readUntil(watched, /"delta":"two "/);
    expect((await other.ask('POST', `${run}/cancel`)).status).toBe(202);
    const whole = await streamed.text();
    expect(whole).toMatch(/event: error\ndata: .*"code":"run_cancelled"/);
    expect(began + (await readUntil(watched, /run_cancelled.*\n\n/))).toBe(whole);
    expect(await jsonOf(one.ask('GET', run))).toMatchObject({ status: 'cancelled' });
    expect(await conversationOf(one, chatId)).toMatchObject([
      { role: 'user' },
      { role: 'assistant', status: 'incomplete', content: [{ text: 'one two ' }] },
    ]);
  },
  MINUTES,
);

test(
  'a paused run goes on in any process, also when its own was killed, and a decision counts once',
  async () => {
    const { start, executed } = await stageServers(asksFirst);
    const [one, other] = await Promise.all([start(0), start(0)]);
    const pause = async () => {
      const paused = await jsonOf(one.ask('POST', '/chat/run', { input: 'burn it', session_id: newId() }));
      const [{ call_id }] = paused.pending as [{ call_id: string }];
      const path = `/runs/${paused.run_id}`;
      return { path, decisions: { decisions: [{ call_id, approve: true }] } };
    };
    const completed = (path: string) =>
      expect
        .poll(() => jsonOf(other.ask('GET', path)), { timeout: 20_000 })
        .toMatchObject({ status: 'completed', final_output: 'Done.' });

    const first = await pause();
    const replies = await Promise.all(
      [one, other].map((server) => server.ask('POST', `${first.path}/approvals`, first.decisions)),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    await completed(first.path);
    expect(executed()).toEqual(['burnt']);

    const second = await pause();
    await one.program.kill('SIGKILL');
    expect((await other.ask('POST', `${second.path}/approvals`, second.decisions)).status).toBe(202);
    await completed(second.path);
    expect(executed()).toEqual(['burnt', 'burnt']);
  },
  MINUTES,
);

test(
  'a request that is repeated at another process joins its run, and gets its result',
  async () => {
    const gate = createGate();
    const { api, start } = await stageServers(() => ({
      text: 'one two three',
      hangAfter: 1,
      until: gate.opened,
    }));
    const [one, other] = await Promise.all([start(0), start(0)]);
    const body = { input: 'go', session_id: newId() };
    const more = { headers: { 'idempotency-key': newId() } };
    const streamed = await one.ask('POST', '/chat/stream', body, more);
    const joined = await other.ask('POST', '/chat/stream', body, more);
    const waiting = other.ask('POST', '/chat/run', body, more);
    gate.open();
    const runId = streamed.headers.get('x-run-id');
    expect(joined.headers.get('x-run-id')).toBe(runId);
    expect(await joined.text()).toBe(await streamed.text());
    expect(await jsonOf(waiting)).toMatchObject({ run_id: runId, final_output: 'one two three' });
    expect(await conversationOf(one, body.session_id)).toHaveLength(2);
    expect(api.asked).toHaveLength(1);
  },
  MINUTES,
);
