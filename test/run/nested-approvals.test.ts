import { Agent, type AgentInputItem, type Model, type ModelRequest, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunResult } from '../../src/run/types.ts';
import type { PendingCall } from '../../src/wire/events.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { runsOn, Talk } from '../support/runs.ts';

/** What an agent calls in each of its answers: something to burn, or another agent with answers of its own. */
type Plan = readonly (readonly Step[])[];
type Step = { readonly burn: string } | { readonly ask: string; readonly plan: Plan };

/** A model that does what its input says. As with some providers, the numbers of its calls begin anew in each answer. */
function planned(numbers: 'anew' | 'on'): Model {
  const answer = ({ input }: ModelRequest): ScriptedModel => {
    const items = input as readonly AgentInputItem[];
    const said = items.find((item) => 'role' in item && item.role === 'user') as { content: string };
    const plan = JSON.parse(typeof input === 'string' ? input : said.content) as Plan;
    let done = typeof input === 'string' ? 0 : items.filter(({ type }) => type === 'function_call').length;
    const round = plan.findIndex((steps) => {
      done -= steps.length;
      return done < 0;
    });
    const calls = (plan[round] ?? []).map((step, index) => {
      const callId = `${numbers === 'on' || 'ask' in step ? round : ''}call:${index}`;
      if ('burn' in step) return functionCall('burn', { what: step.burn }, { callId });
      return functionCall(step.ask, { input: JSON.stringify(step.plan) }, { callId });
    });
    return new ScriptedModel([calls.length > 0 ? calls : [assistantMessage('Done.')]]);
  };
  return {
    getResponse: (request) => answer(request).getResponse(request),
    getStreamedResponse: (request) => answer(request).getStreamedResponse(request),
  };
}

/** An agent that may burn, and ask two others, which may burn and ask a third. */
function stage() {
  const burnt: string[] = [];
  const burn = tool({
    name: 'burn',
    description: 'Burns',
    parameters: z.object({ what: z.string() }),
    needsApproval: true,
    execute: async ({ what }) => {
      burnt.push(what);
      return `burnt ${what}`;
    },
  });
  const asTool = (agent: Agent) => agent.asTool({ toolName: agent.name, toolDescription: 'Asks' });
  const helper = (name: string, ...helpers: Agent[]) =>
    new Agent({ name, model: planned('anew'), tools: [burn, ...helpers.map(asTool)] });
  const leaf = helper('leaf');
  const tools = [burn, asTool(helper('x', leaf)), asTool(helper('y', leaf))];
  return { burnt, agent: new Agent({ name: 'A', model: planned('on'), tools }) };
}

const burns = fc.record({ burn: fc.uuid() });
const planOf = (step: fc.Arbitrary<Step>) =>
  fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });
const asks = (name: string, plan: fc.Arbitrary<Plan>) => fc.record({ ask: fc.constant(name), plan });
const inner = planOf(fc.oneof(burns, asks('leaf', planOf(burns))));
const plans = planOf(fc.oneof({ arbitrary: burns, weight: 1 }, asks('x', inner), asks('y', inner)));

const labelOf = (call: PendingCall) => (JSON.parse(call.arguments) as { what: string }).what;

function pendingOf(result: RunResult): PendingCall[] {
  return result.type === 'approval_required' ? result.pending : [];
}

describe.each(DATABASES)('calls of nested agents that wait for approvals ($name)', ({ open }) => {
  test('are decided in any order and number: each counts once, for its own call, and the run completes', async () => {
    const db = await open();
    const decisions = fc.infiniteStream(fc.record({ now: fc.boolean(), approve: fc.boolean() }));
    const property = fc.asyncProperty(plans, decisions, async (plan, choose) => {
      const runs = runsOn(db);
      const talk = new Talk(db, runs);
      const { agent, burnt } = stage();
      const run = await talk.start(agent, JSON.stringify(plan));
      const decided = new Map<string, boolean>();
      let result = await run.result();
      for (let pending = pendingOf(result); pending.length > 0; pending = pendingOf(result)) {
        expect(new Set(pending.map(({ call_id }) => call_id)).size).toBe(pending.length);
        expect(pending.filter((call) => decided.has(labelOf(call)))).toEqual([]);
        const choices = pending.map((call) => ({ call, ...choose.next().value }));
        const some = choices.filter(({ now }, index) => now || index === 0);
        for (const { call, approve } of some) decided.set(labelOf(call), approve);
        const made = some.map(({ call, approve }) => ({ call_id: call.call_id, approve }));
        result = await (await runs.decide(talk.userId, run.runId, made)).result();
      }
      expect(result).toMatchObject({ type: 'stream_complete', final_output: 'Done.' });
      const approved = [...decided].filter(([, approve]) => approve).map(([label]) => label);
      expect(burnt.toSorted()).toEqual(approved.toSorted());
      const kinds = (await talk.history()).map(kindOf);
      const calls = plan.flat().map((step) => ('ask' in step ? step.ask : 'burn'));
      const expected = calls.flatMap((name) => [`call ${name}`, `result ${name}`]);
      expect(kinds.toSorted()).toEqual(['user', ...expected, 'assistant'].toSorted());
    });
    await fc.assert(property, { numRuns: 15 });
  }, 120_000);

  test('may have one id, of one agent and of one tool: a decision on one is none on the other', async () => {
    const db = await open();
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const { agent, burnt } = stage();
    const ask = (burn: string): Step => ({ ask: 'x', plan: [[{ burn }]] });
    const run = await talk.start(agent, JSON.stringify([[ask('a'), ask('b')], [ask('a')]]));
    const [first, second] = pendingOf(await run.result()) as [PendingCall, PendingCall];
    const decide = async (call: PendingCall, approve: boolean) =>
      pendingOf(
        await (await runs.decide(talk.userId, run.runId, [{ call_id: call.call_id, approve }])).result(),
      );
    expect(await decide(first, true)).toEqual([second]);
    expect(burnt).toEqual(['a']);
    const [again] = (await decide(second, false)) as [PendingCall];
    expect([labelOf(again), burnt]).toEqual(['a', ['a']]);
    expect(await decide(again, true)).toEqual([]);
    expect(burnt).toEqual(['a', 'a']);
  });
});
