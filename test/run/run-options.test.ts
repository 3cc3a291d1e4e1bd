import { Agent, Runner } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { newId } from '../../src/ids.ts';
import { runDurably } from '../../src/run/run-durably.ts';
import type { RunOptions } from '../../src/run/types.ts';
import { addTool, countedAddTool, kindOf, textOf } from '../support/agents.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { appOn, eventsOf, runsOn, strictModel, Talk } from '../support/runs.ts';

const add = (id: number) => functionCall('add', { to: id }, { callId: `c${id}` });

/** A model that calls its tool so often before it answers. */
function eager(calls: number, tools = [addTool()]) {
  const answers = Array.from({ length: calls }, (_, index) => [add(index)]);
  return new Agent({ name: 'A', model: new ScriptedModel([...answers, [assistantMessage('Done.')]]), tools });
}

const endsWith = (finalOutput: string): RunOptions => ({
  errorHandlers: { maxTurns: () => ({ finalOutput }) },
});

describe.each(DATABASES)('the options of run() ($name)', ({ open }) => {
  test('maxTurns ends a run earlier or later than after ten turns, and null never', async () => {
    const db = await open();
    const talk = new Talk(db, runsOn(db, { runOptions: { maxTurns: 2 } }));
    expect(await talk.say(eager(2), 'go')).toMatchObject({ code: 'run_failed' });
    expect(await talk.say(eager(2), 'go', { runOptions: { maxTurns: 3 } })).toMatchObject({
      final_output: 'Done.',
    });
    expect(await talk.say(eager(12), 'go', { runOptions: { maxTurns: null } })).toMatchObject({
      final_output: 'Done.',
    });
    const options = { db, userId: newUser(), runOptions: { maxTurns: 12 } };
    expect(await runDurably(eager(11), 'go', options)).toMatchObject({ finalOutput: 'Done.' });
  });

  test('an answer of an error handler completes the run: everyone gets it, and the history holds it once', async () => {
    const db = await open();
    const runs = runsOn(db, { runOptions: { maxTurns: 2, ...endsWith('Enough.') } });
    const talk = new Talk(db, runs);
    const run = await talk.start(eager(3), 'go');
    expect(await run.result()).toMatchObject({ type: 'stream_complete', final_output: 'Enough.' });
    const events = (await eventsOf(run)).map(({ text }) => JSON.parse(text));
    expect(events.at(-1)).toMatchObject({ type: 'stream_complete', final_output: 'Enough.' });
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({ status: 'completed' });
    const history = await talk.history();
    const expected = ['user', 'call add', 'result add', 'call add', 'result add', 'assistant'];
    expect(history.map(kindOf)).toEqual(expected);
    expect(history.map(textOf).at(-1)).toBe('Enough.');
  });

  test('stay those of a run that goes on after an approval', async () => {
    const db = await open();
    const runs = runsOn(db, { runOptions: { maxTurns: 3 } });
    const { ran, add: tool } = countedAddTool();
    const gated = Object.assign(tool, { needsApproval: async () => ran.length === 0 });
    const talk = new Talk(db, runs);
    const runOptions = { maxTurns: 2, ...endsWith('Enough.') };
    const run = await talk.start(eager(5, [gated]), 'go', { runOptions });
    expect(await run.result()).toMatchObject({ type: 'approval_required' });
    const resumed = await runs.decide(talk.userId, run.runId, [{ call_id: 'c0', approve: true }]);
    expect(await resumed.result()).toMatchObject({ final_output: 'Enough.' });
    expect(ran).toEqual([0, 1]);
  });

  test('callModelInputFilter goes before that of the runner, and what it hides is stored all the same', async () => {
    const db = await open();
    const runner = new Runner({
      tracingDisabled: true,
      callModelInputFilter: () => {
        throw new Error('of the runner');
      },
    });
    const talk = new Talk(db, runsOn(db, { runner }));
    const model = new ScriptedModel([[assistantMessage('Done.')]]);
    const callModelInputFilter: RunOptions['callModelInputFilter'] = ({ modelData }) => ({
      ...modelData,
      instructions: 'filtered',
    });
    await talk.say(new Agent({ name: 'A', model }), 'go', { runOptions: { callModelInputFilter } });
    expect(model.calls.map(({ request }) => request.systemInstructions)).toEqual(['filtered']);
    expect((await talk.history()).map(kindOf)).toEqual(['user', 'assistant']);
  });

  test('sessionInputCallback gets the history with the input as its end, and changes nothing that is stored', async () => {
    const db = await open();
    const talk = new Talk(db, runsOn(db));
    const model = new ScriptedModel([[assistantMessage('One.')], [assistantMessage('Two.')]]);
    const agent = new Agent({ name: 'A', model });
    await talk.say(agent, 'first');
    const got: string[][] = [];
    const sessionInputCallback: RunOptions['sessionInputCallback'] = async (history, input) => {
      got.push(history.map(textOf), input.map(textOf));
      return history.slice(-1);
    };
    await talk.say(agent, 'second', { runOptions: { sessionInputCallback } });
    expect(got).toEqual([['first', 'One.', 'second'], []]);
    expect(model.calls[1]?.request.input).toHaveLength(1);
    expect((await talk.history()).map(textOf)).toEqual(['first', 'One.', 'second', 'Two.']);
  });

  test('are those of the router for all its runs', async () => {
    const db = await open();
    const { ask } = await appOn(runsOn(db), db, eager(2), newUser(), {
      runOptions: { maxTurns: 2, ...endsWith('Enough.') },
    });
    const reply = await ask('POST', '/chat/run', { input: 'go' });
    expect(reply.json()).toMatchObject({ success: true, final_output: 'Enough.' });
  });
});

test.each([
  ['maxTurns', 0],
  ['maxTurns', 1.5],
  ['maxTurns', '3'],
  ['errorHandlers', { maxTurns: 'stop' }],
  ['errorHandlers', { maxTurn: () => undefined }],
  ['callModelInputFilter', {}],
  ['conversationId', 'conv_1'],
])('an option %s of %j is refused by its name before anything begins', async (name, value) => {
  const [{ open }] = DATABASES as [(typeof DATABASES)[number]];
  const db = await open();
  const runOptions = { [name]: value } as RunOptions;
  const refusal = { code: 'invalid_request', errors: [{ field: `runOptions.${name}` }] };
  expect(() => runsOn(db, { runOptions })).toThrow(expect.objectContaining({ code: refusal.code }));
  const talk = new Talk(db, runsOn(db));
  await expect(talk.start(eager(0), 'go', { runOptions })).rejects.toMatchObject(refusal);
  expect(await talk.history()).toEqual([]);
});

test.each([
  ['history.turns', { history: { turns: 0 } }],
  ['history.turns', { history: { turns: -1 } }],
  ['history.tokens', { history: { tokens: '8k' } }],
  ['history.whenTooLong', { history: { whenTooLong: 'nope' } }],
  ['history.turn', { history: { turn: 3 } }],
  ['compaction', { compaction: 5 }],
  ['compaction', { compaction: {} }],
  ['runOptions', { runOptions: 7 }],
  ['runOptions', { runOptions: null }],
])('a wrong %s of all runs is refused when it is given: %j', async (field, options) => {
  const [{ open }] = DATABASES as [(typeof DATABASES)[number]];
  const db = await open();
  const refusal = expect.objectContaining({
    code: 'invalid_request',
    errors: [expect.objectContaining({ field })],
  });
  expect(() => runsOn(db, options as never)).toThrow(refusal);
});

test('runDurably tells that an answer is not whole, and how many turns the model did not get', async () => {
  const [{ open }] = DATABASES as [(typeof DATABASES)[number]];
  const db = await open();
  const { model } = await strictModel(() => ({ text: 'Once', finish: 'length' }), { maxTokens: 500 });
  const agent = new Agent({ name: 'A', model });
  const options = { db, userId: newUser(), chatId: newId() };
  await runDurably(agent, 'word '.repeat(250), options);
  expect(await runDurably(agent, 'word '.repeat(250), options)).toMatchObject({
    finalOutput: 'Once',
    incomplete: 'length',
    omittedTurns: 1,
  });
});
