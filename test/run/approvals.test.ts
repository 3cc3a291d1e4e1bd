import { Agent, type AgentInputItem, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { deleteChat, restoreChat } from '../../src/store/chats/chats.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { eventsOf, runsOn, strictModel, Talk } from '../support/runs.ts';

const burn = (callId: string) => functionCall('burn', { what: callId }, { callId });

/** A tool that burns what a person lets it burn. */
function burnTool() {
  const burnt: string[] = [];
  const tool_ = tool({
    name: 'burn',
    description: 'Burns',
    parameters: z.object({ what: z.string() }),
    needsApproval: true,
    execute: async ({ what }) => {
      burnt.push(what);
      return `burnt ${what}`;
    },
  });
  return { burn: tool_, burnt };
}

const look = tool({
  name: 'look',
  description: 'Looks',
  parameters: z.object({}),
  execute: async () => 'seen',
});

const passes = (name: string) => ({
  name,
  execute: async () => ({ tripwireTriggered: false, outputInfo: undefined }),
});

type Open = (typeof DATABASES)[0]['open'];

async function stage(
  open: Open,
  answers: ConstructorParameters<typeof ScriptedModel>[0],
  options: object = {},
) {
  const db = await open();
  const runs = runsOn(db);
  const talk = new Talk(db, runs);
  const model = new ScriptedModel(answers);
  const { burn: tool_, burnt } = burnTool();
  const agent = new Agent({ name: 'A', model, tools: [tool_, look], ...options });
  const decide = (runId: string, ...decisions: { call_id: string; approve: boolean }[]) =>
    runs.decide(talk.userId, runId, decisions);
  const states = async (runId: string) =>
    (await db.query({ text: 'select 1 from run_states where run_id = $1', values: [runId] })).rows.length;
  const kinds = async () => (await talk.history()).map(kindOf);
  return { db, runs, talk, model, agent, burnt, decide, states, kinds };
}

describe.each(DATABASES)('a run that waits for approvals ($name)', ({ open }) => {
  test('goes on with an approved call, and its history is as if nobody had waited', async () => {
    const { talk, agent, burnt, decide, states, kinds } = await stage(open, [
      [functionCall('look', {}, { callId: 'l' }), burn('a')],
      [assistantMessage('Done.')],
    ]);
    const run = await talk.start(agent, 'go');
    expect(await run.result()).toMatchObject({
      type: 'approval_required',
      pending: [{ call_id: 'a', name: 'burn', arguments: '{"what":"a"}', agent: 'A' }],
    });
    expect([burnt, await states(run.runId)]).toEqual([[], 1]);
    const resumed = await decide(run.runId, { call_id: 'a', approve: true });
    expect(await resumed.result()).toMatchObject({ final_output: 'Done.' });
    expect([burnt, await states(run.runId)]).toEqual([['a'], 0]);
    const expected = ['user', 'call look', 'call burn', 'result look', 'result burn', 'assistant'];
    expect((await kinds()).toSorted()).toEqual(expected.toSorted());
    const ids = (await eventsOf(run)).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  });

  test('tells the model why a call was rejected', async () => {
    const { runs, talk, agent, burnt } = await stage(open, [[burn('a')], [assistantMessage('As you wish.')]]);
    const run = await talk.start(agent, 'go');
    await run.result();
    const decisions = [{ call_id: 'a', approve: false, reason: 'too dear' }];
    await (await runs.decide(talk.userId, run.runId, decisions)).result();
    expect(burnt).toEqual([]);
    expect(JSON.stringify(await talk.history())).toContain('too dear');
  });

  test('pauses again for what was not decided, and not for what was approved for always', async () => {
    const { runs, talk, agent, burnt, decide } = await stage(open, [
      [burn('a'), burn('b')],
      [burn('c')],
      [assistantMessage('Done.')],
    ]);
    const run = await talk.start(agent, 'go');
    await run.result();
    const second = await decide(run.runId, { call_id: 'a', approve: true });
    expect(await second.result()).toMatchObject({ pending: [{ call_id: 'b' }] });
    const decisions = [{ call_id: 'b', approve: true, always: true }];
    const third = await runs.decide(talk.userId, run.runId, decisions);
    expect(await third.result()).toMatchObject({ final_output: 'Done.' });
    expect(burnt).toEqual(['a', 'b', 'c']);
    const history = await talk.history();
    expect(new Set(history.map(keyOf)).size).toBe(history.length);
    expect(history).toHaveLength(8);
  });
});

describe.each(DATABASES)('a decision ($name)', ({ open }) => {
  test('is taken once, of two at the same time too', async () => {
    const { talk, agent, burnt, decide } = await stage(open, [[burn('a')], [assistantMessage('Done.')]]);
    const run = await talk.start(agent, 'go');
    await run.result();
    const both = await Promise.allSettled(
      [true, false].map((approve) => decide(run.runId, { call_id: 'a', approve })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const one of both) {
      if (one.status === 'fulfilled') await one.value.result();
      else expect(one.reason).toMatchObject({ code: 'run_not_waiting' });
    }
    expect(burnt.length).toBeLessThan(2);
    await expect(decide(run.runId, { call_id: 'a', approve: true })).rejects.toMatchObject({
      code: 'run_not_waiting',
    });
  });

  test('on a call that does not wait, twice on one, or for an unknown agent is refused, and the run goes on waiting', async () => {
    const { db, runs, talk, agent, decide } = await stage(open, [[burn('a')]]);
    const run = await talk.start(agent, 'go');
    await run.result();
    await expect(decide(run.runId, { call_id: 'b', approve: true })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    const approve = { call_id: 'a', approve: true };
    await expect(decide(run.runId, approve, approve)).rejects.toMatchObject({
      errors: [{ field: 'decisions[1].call_id', message: 'is decided twice' }],
    });
    await expect(runsOn(db).decide(talk.userId, run.runId, [approve])).rejects.toMatchObject({
      code: 'agent_not_registered',
    });
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({ status: 'awaiting_approval' });
  });
});

describe.each(DATABASES)('a waiting run ($name)', ({ open }) => {
  test('goes on in another process, and survives what its guardrails left out', async () => {
    const { db, talk, agent, burnt } = await stage(open, [[burn('a')], [assistantMessage('Done.')]], {
      inputGuardrails: [passes('in')],
      outputGuardrails: [passes('out')],
    });
    const run = await talk.start(agent, 'go');
    await run.result();
    const others = runsOn(db);
    others.register(agent);
    const resumed = await others.decide(talk.userId, run.runId, [{ call_id: 'a', approve: true }]);
    expect(await resumed.result()).toMatchObject({ final_output: 'Done.' });
    expect(burnt).toEqual(['a']);
    expect((await talk.history()).map(kindOf)).toEqual(['user', 'call burn', 'result burn', 'assistant']);
  });

  test('keeps every item once when an answer may be withheld and a tool ends the run', async () => {
    const { talk, agent, decide, kinds } = await stage(
      open,
      [[functionCall('look', {}, { callId: 'l' }), burn('a')]],
      { outputGuardrails: [passes('out')], toolUseBehavior: 'stop_on_first_tool' },
    );
    const run = await talk.start(agent, 'go');
    await run.result();
    const resumed = await decide(run.runId, { call_id: 'a', approve: true });
    await resumed.result();
    expect((await kinds()).toSorted()).toEqual(
      ['user', 'call look', 'call burn', 'result look', 'result burn'].toSorted(),
    );
  });
});

describe.each(DATABASES)('a chat whose run waits ($name)', ({ open }) => {
  test('is busy with its calls, until a message rejects them', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => ({
      calls: [{ name: 'burn', args: { what: 'x' }, id: 'a' }],
    }));
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const agent = new Agent({ name: 'A', model, tools: [burnTool().burn] });
    const run = await talk.start(agent, 'go');
    await run.result();
    await expect(talk.start(agent, 'next')).rejects.toMatchObject({
      code: 'approval_pending',
      details: { run_id: run.runId, pending: [{ call_id: 'a' }] },
    });
    api.script = () => ({ text: 'Done.' });
    const next = await talk.say(agent, 'next', { pending: 'reject' });
    expect(next).toMatchObject({ final_output: 'Done.' });
    expect(api.refusals).toEqual([]);
    expect(JSON.stringify(api.asked.at(-1))).toContain('not approved');
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
  });

  test('and is deleted lets no call happen, until it is restored', async () => {
    const { db, talk, agent, burnt, decide } = await stage(open, [[burn('a')], [assistantMessage('Done.')]]);
    const run = await talk.start(agent, 'go');
    await run.result();
    await deleteChat(db, talk.chatId, talk.userId);
    const approve = () => decide(run.runId, { call_id: 'a', approve: true });
    await expect(approve()).rejects.toMatchObject({ code: 'chat_not_found' });
    expect(burnt).toEqual([]);
    await restoreChat(db, talk.chatId, talk.userId);
    await (await approve()).result();
    expect(burnt).toEqual(['a']);
  });

  test('is free again when the run is cancelled', async () => {
    const { runs, talk, agent, states } = await stage(open, [[burn('a')], [assistantMessage('Done.')]]);
    const run = await talk.start(agent, 'go');
    await run.result();
    expect(await runs.cancel(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
    expect(await states(run.runId)).toBe(0);
    expect(await talk.say(agent, 'next')).toMatchObject({ final_output: 'Done.' });
  });
});

function keyOf(item: AgentInputItem): string {
  return 'callId' in item ? `${item.type} ${item.callId}` : JSON.stringify(item);
}
