import { Agent, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Runs } from '../../src/run/runs.ts';
import { getChatById } from '../../src/store/chats/chats.ts';
import { counting } from '../support/counting-database.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';
import { endsWithin, LIMIT_MS, limitTimers } from '../support/timing.ts';

const log = pino({ level: 'silent' });

test.each(DATABASES)('runs that close take no new run and store nothing of it ($name)', async ({ open }) => {
  const db = await open();
  const runs = new Runs({ db });
  await runs.close(0);
  const agent = new Agent({ name: 'A', model: new ScriptedModel([]) });
  const userId = newUser();
  await expect(runs.start({ agent, userId, input: 'hi', log })).rejects.toMatchObject({
    code: 'shutting_down',
  });
  const { rows } = await db.query({ text: 'select 1 from chats where user_id = $1', values: [userId] });
  expect(rows).toEqual([]);
});

test.each(DATABASES)(
  'closing waits no longer than it must, also for a tool that listens to nothing ($name)',
  async ({ open }) => {
    const db = await open();
    const deaf = createGate();
    const model = new ScriptedModel([
      modelResponder(async () => {
        await deaf.opened;
        return [assistantMessage('too late')];
      }),
    ]);
    const runs = new Runs({ db });
    const agent = new Agent({ name: 'A', model });
    const run = await runs.start({ agent, userId: newUser(), input: 'hi', chatId: null, log });
    // Its grace, what a run may need to be stored, and a moment.
    expect(await endsWithin(runs.close(20), 20, 1_500, 400)).toBe(true);
    await expect(run.result()).rejects.toMatchObject({ code: 'run_interrupted' });
    deaf.open();
    // Longer than this test may take.
    await new Runs({ db }).close(3_600_000);
  },
);

test.each(DATABASES)(
  'a run can be read by many, and its outcome needs no reader ($name)',
  async ({ open }) => {
    const model = new ScriptedModel([[assistantMessage('Hail!')]]);
    const runs = new Runs({ db: await open() });
    const agent = new Agent({ name: 'A', model });
    const run = await runs.start({ agent, userId: newUser(), input: 'hi', log });
    const outcome = await run.result();
    expect(outcome).toMatchObject({ final_output: 'Hail!', session_id: run.chatId, run_id: run.runId });
    const read = async (after: number) => {
      const ids: number[] = [];
      for await (const { id } of run.events(after)) ids.push(id);
      return ids;
    };
    expect(await Promise.all([read(0), read(2)])).toEqual([[1, 2, 3], [3]]);
  },
);

test.each(DATABASES)(
  'what a tool gives after the end of its run is stored nowhere ($name)',
  async ({ open }) => {
    const db = await open();
    const deaf = createGate();
    const { timeIsUp } = limitTimers();
    const slow = tool({
      name: 'slow',
      description: 'Takes its time',
      parameters: z.object({}),
      execute: () => {
        timeIsUp();
        return deaf.opened.then(() => 'too late');
      },
    });
    const model = new ScriptedModel([
      [functionCall('slow', {}, { callId: 'c1' })],
      [assistantMessage('Next.')],
    ]);
    const agent = new Agent({ name: 'A', model, tools: [slow] });
    const hasty = new Runs({ db, timeoutMs: LIMIT_MS });
    const userId = newUser();
    const first = await hasty.start({ agent, userId, input: 'one', log });
    await expect(first.result()).rejects.toMatchObject({ code: 'model_timeout' });
    deaf.open();
    const second = await new Runs({ db }).start({ agent, userId, input: 'two', chatId: first.chatId, log });
    await second.result();
    const chat = await getChatById(db, first.chatId ?? '', userId);
    expect(chat?.conversation).toMatchObject([
      { content: 'one' },
      { type: 'function_call' },
      { type: 'function_call_result', output: { text: expect.stringContaining('Interrupted') } },
      { content: 'two' },
      { role: 'assistant' },
    ]);
  },
);

test.each(DATABASES)(
  'the first run of a chat asks the database twice, the next ones three times, once more for each call of a model, and the model sees all that is stored ($name)',
  async ({ open }) => {
    const { db, sent } = counting(await open());
    const seen: unknown[] = [];
    const answer = modelResponder(({ request }) => {
      seen.push(request.input);
      return [assistantMessage('Hail!')];
    });
    const agent = new Agent({ name: 'A', model: new ScriptedModel([answer, answer]) });
    const talk = new Talk(db, runsOn(db));
    const hello = [{ role: 'user' as const, content: 'hello', providerData: { at: -0, none: undefined } }];
    for (const statements of [3, 4]) {
      const before = await talk.history();
      sent.length = 0;
      await talk.say(agent, hello);
      // The events of a slow run are written by a timer.
      expect(sent.filter((text) => !text.includes('with batch'))).toHaveLength(statements);
      expect(seen.at(-1)).toEqual([...before, ...(await talk.history()).slice(before.length, -1)]);
    }
    expect(seen[0]).toEqual([{ role: 'user', content: 'hello', providerData: { at: -0 } }]);
  },
);

test.each(DATABASES)('a first input may be as large as the runs allow ($name)', async ({ open }) => {
  const db = await open();
  const talk = new Talk(db, runsOn(db, { maxItemBytes: 20_000_000 }));
  const agent = new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage('Long!')]]) });
  expect(await talk.say(agent, 'x'.repeat(11_000_000))).toMatchObject({ final_output: 'Long!' });
});
