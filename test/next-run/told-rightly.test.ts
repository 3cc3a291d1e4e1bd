import { setImmediate } from 'node:timers/promises';
import { Agent, type AgentInputItem, handoff, run as runAgent, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, modelError, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, strictModel, Talk } from '../support/runs.ts';
import { lastAsked, talkTo } from './stage.ts';

const thanks = () => new Agent({ name: 'B', model: new ScriptedModel([[assistantMessage('Fine.')]]) });
const toolOf = (name: string, execute: () => unknown, options: object = {}) =>
  tool({
    name,
    description: name,
    parameters: z.object({}),
    execute: async () => execute() as string,
    ...options,
  });

describe.each(DATABASES)('what a run has done ($name)', ({ open }) => {
  test('stays in the chat, when the filter of a handoff leaves it out', async () => {
    const db = await open();
    const other = new Agent({ name: 'Other', model: new ScriptedModel([[assistantMessage('Taken over.')]]) });
    const first = new Agent({
      name: 'First',
      model: new ScriptedModel([
        [functionCall('pay', {}, { callId: 'p' })],
        [functionCall('transfer_to_Other', {}, { callId: 'h' })],
      ]),
      tools: [toolOf('pay', () => 'paid')],
      handoffs: [handoff(other, { inputFilter: (data) => ({ ...data, preHandoffItems: [], newItems: [] }) })],
    });
    const talk = new Talk(db, runsOn(db));
    expect(await talk.say(first, 'go')).toMatchObject({ final_output: 'Taken over.' });
    expect((await talk.history()).map(kindOf)).toEqual([
      'user',
      'call pay',
      'result pay',
      'call transfer_to_Other',
      'result transfer_to_Other',
      'assistant',
    ]);
  });

  test('is told as an image, when the run fails after the tool that gave one', async () => {
    const db = await open();
    const image = 'data:image/png;base64,iVBORw0KGgo=';
    const model = new ScriptedModel([
      [functionCall('draw', {}, { callId: 'd' })],
      modelError(new Error('gone')),
    ]);
    const agent = new Agent({ name: 'A', model, tools: [toolOf('draw', () => ({ type: 'image', image }))] });
    const talk = new Talk(db, runsOn(db));
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'run_failed' });
    const drawn = (await talk.history()).find(({ type }) => type === 'function_call_result');
    expect(drawn).toMatchObject({ output: [{ type: 'input_image', image }] });
    expect(await talk.say(thanks(), 'thanks')).toMatchObject({ final_output: 'Fine.' });
  });

  test('is not said to be aborted, when a tool beside it throws', async () => {
    const db = await open();
    const throwing = createGate();
    const bad = async () => {
      throwing.open();
      throw new Error('no');
    };
    const pay = async () => {
      await throwing.opened;
      for (let tick = 0; tick < 20; tick++) await setImmediate();
      return 'paid';
    };
    const tools = [toolOf('bad', bad, { errorFunction: null }), toolOf('pay', pay)];
    const calls = [functionCall('bad', {}, { callId: 'b' }), functionCall('pay', {}, { callId: 'p' })];
    const agent = new Agent({ name: 'A', model: new ScriptedModel([calls]), tools });
    const talk = new Talk(db, runsOn(db));
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'run_failed' });
    const results = (await talk.history()).filter(({ type }) => type === 'function_call_result');
    expect(JSON.stringify(results)).not.toContain('aborted');
    expect(JSON.stringify(results)).toMatch(/paid|Whether it had an effect is not known/);
  });

  test('does not hold what was configured as a secret, when a tool throws it', async () => {
    const db = await open();
    const leak = () => Promise.reject(new Error('401 wrong key hunter2hunter2 at db.internal'));
    const agent = new Agent({
      name: 'A',
      model: new ScriptedModel([[functionCall('leak', {}, { callId: 'l' })]]),
      tools: [toolOf('leak', leak, { errorFunction: null })],
    });
    const talk = new Talk(db, runsOn(db, { secrets: ['hunter2hunter2'] }));
    await talk.say(agent, 'go');
    expect(JSON.stringify(await talk.history())).not.toContain('hunter2');
  });

  test('says at a pause, too, how many turns the model did not get', async () => {
    const { talk, runs, api } = await talkTo(await open(), () => ({ calls: [{ name: 'burn', args: {} }] }), {
      maxTokens: 600,
    });
    const { model } = await strictModel(api.script, { maxTokens: 600 });
    const burn = toolOf('burn', () => 'burnt', { needsApproval: true });
    const agent = new Agent({ name: 'A', model, tools: [burn] });
    for (let n = 0; n < 4; n++) await talk.say(thanks(), `${n} ${'word '.repeat(150)}`);
    const run = await talk.start(agent, 'go');
    const paused = await run.result();
    expect(paused).toMatchObject({ type: 'approval_required', omitted_turns: expect.any(Number) });
    expect(paused).not.toMatchObject({ omitted_turns: 0 });
    const found = await runs.find(talk.userId, run.runId);
    expect(await found.result()).toEqual(paused);
  });
});

describe.each(DATABASES)('the input of a run ($name)', ({ open }) => {
  test('is kept whole when turns are left out, though it repeats itself', async () => {
    const { talk, agent, api } = await talkTo(await open(), () => ({ text: 'Fine.' }), { maxTokens: 500 });
    for (let n = 0; n < 5; n++) await talk.say(thanks(), `thanks ${'word '.repeat(100)}`);
    const input = ['thanks', 'KEEP ME', 'thanks', 'and?'].map(
      (content) => ({ role: 'user', content }) as AgentInputItem,
    );
    const result = await talk.say(agent, input);
    expect(result).toMatchObject({ final_output: 'Fine.' });
    expect(
      api.asked
        .at(-1)
        ?.slice(-4)
        .map(({ content }) => content),
    ).toEqual(['thanks', 'KEEP ME', 'thanks', 'and?']);
    expect('omitted_turns' in result && result.omitted_turns).toBeLessThanOrEqual(5);
  });

  test('is not blocked when it was a guardrail’s own model that was refused', async () => {
    const db = await open();
    const { model: refusing } = await strictModel(() => ({
      error: { status: 400, message: 'Unsupported parameter.' },
    }));
    const judge = new Agent({ name: 'Judge', model: refusing });
    const { api, model } = await strictModel(() => ({ text: 'Fine.' }));
    const guardrail = {
      name: 'judge',
      runInParallel: false,
      execute: async () => {
        await runAgent(judge, 'is this fine?');
        return { tripwireTriggered: false, outputInfo: null };
      },
    };
    const talk = new Talk(db, runsOn(db));
    const image = {
      role: 'user',
      content: [{ type: 'input_image', image: 'data:image/png;base64,iVBORw0KGgo=' }],
    };
    expect(
      await talk.say(new Agent({ name: 'A', model, inputGuardrails: [guardrail] }), [image]),
    ).toBeInstanceOf(Error);
    expect(await talk.say(new Agent({ name: 'A', model }), 'thanks')).toMatchObject({
      final_output: 'Fine.',
    });
    expect(lastAsked(api)).toContain('iVBORw0KGgo=');
  });
});
