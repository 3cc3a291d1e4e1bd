import { Agent, type AgentInputItem, MemorySession, Runner } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { addTool, historyOf, kindOf } from '../support/agents.ts';
import { appWith, asUser } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';

type Step = 'say' | 'call' | 'say and call' | 'call twice' | 'fail a call' | 'hand over';
type Input = string | AgentInputItem[];
interface Turn {
  readonly input: Input;
  /** What the model does before it says its last word. */
  readonly steps: readonly Step[];
}

const user = (content: string): AgentInputItem => ({ role: 'user', content });
const call: AgentInputItem = { type: 'function_call', callId: 'given', name: 'add', arguments: '{"to":1}' };
const result: AgentInputItem = {
  type: 'function_call_result',
  callId: 'given',
  name: 'add',
  status: 'completed',
  output: { type: 'text', text: '2' },
};

/** Inputs as a client may send them: each must be stored once, whatever the SDK makes of it. */
const INPUTS: readonly Input[] = [
  'Hello',
  [user('one')],
  [user('same'), user('same')],
  [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'parts' }] }],
  [{ role: 'system', content: 'Be kind' }, user('one')],
  [user('earlier'), assistantMessage('answer'), user('now')],
  [user('one'), { ...user('two'), providerData: { key: 'value' } }],
  [{ type: 'reasoning', id: 'rs_1', content: [{ type: 'input_text', text: 'hm' }] }, user('one')],
];

function outputOf(step: Step, id: string) {
  const add = (n: number) => functionCall('add', { to: n }, { callId: `${id}-${n}` });
  switch (step) {
    case 'say':
      return [assistantMessage(`said ${id}`)];
    case 'call':
      return [add(1)];
    case 'say and call':
      return [assistantMessage(`said ${id}`, { id: `msg_${id}` }), add(1)];
    case 'call twice':
      return [add(1), add(2)];
    case 'fail a call':
      return [functionCall('add', 'no JSON', { callId: `${id}-bad` })];
    case 'hand over':
      return [functionCall('transfer_to_Second', {}, { callId: `${id}-handoff` })];
  }
}

/** The same agent each time: what it does is the script of these turns. */
function agentFor(turns: readonly Turn[]): Agent {
  const script = turns.flatMap(({ steps }, turn) => {
    const calls = steps.map((step, index) => outputOf(step, `${turn}.${index}`));
    return [
      ...calls.filter((output) => output.some(({ type }) => type !== 'message')),
      outputOf('say', `${turn}`),
    ];
  });
  const model = new ScriptedModel(script);
  const tools = [addTool()];
  const second: Agent = new Agent({ name: 'Second', model, tools });
  const first = new Agent({ name: 'First', model, tools, handoffs: [second] });
  second.handoffs.push(second);
  return first;
}

/** What the SDK itself stores of these turns. */
async function byMemorySession(turns: readonly Turn[]): Promise<AgentInputItem[]> {
  const session = new MemorySession();
  const agent = agentFor(turns);
  const runner = new Runner({ tracingDisabled: true });
  for (const { input } of turns) {
    const stream = await runner.run(agent, structuredClone(input), { session, stream: true });
    await stream.completed;
  }
  return session.getItems();
}

/** What is in the chat after the same turns over HTTP, run and streamed in turn. */
async function byServer(turns: readonly Turn[], db: Database): Promise<AgentInputItem[]> {
  const app = await appWith(db, { agent: agentFor(turns) });
  const ask = asUser(app, newUser());
  const id = newUser();
  for (const [index, { input }] of turns.entries()) {
    const reply = await ask('POST', index % 2 === 0 ? '/chat/run' : '/chat/stream', {
      input,
      session_id: id,
    });
    expect(reply.body).toMatch(/"success":true|event: stream_complete/);
  }
  return historyOf(ask, id);
}

const STEPS: readonly Step[] = ['say', 'call', 'say and call', 'call twice', 'fail a call', 'hand over'];

test.each(DATABASES)('history after runs is what the SDK keeps in memory ($name)', async ({ open }) => {
  const db = await open();
  for (const input of INPUTS) {
    const turns: Turn[] = [
      { input, steps: STEPS },
      { input: 'and then?', steps: ['call'] },
      { input, steps: [] },
    ];
    expect(await byServer(turns, db)).toEqual(await byMemorySession(turns));
  }
});

test.each(DATABASES)('also of agents and inputs that nobody thought of ($name)', async ({ open }) => {
  const db = await open();
  const turn = fc.record({
    input: fc.constantFrom(...INPUTS),
    steps: fc.array(fc.constantFrom(...STEPS), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 4 }), async (turns) => {
      expect(await byServer(turns, db)).toEqual(await byMemorySession(turns));
    }),
    { numRuns: 15 },
  );
});

/** The SDK changes or drops some of these before it hands them back. */
const ODD_INPUTS: readonly AgentInputItem[][] = [
  [user('add'), call, result, user('now')],
  [call, user('a call without result')],
  [result, user('a result without call')],
  [user('calls'), call, { ...call, callId: 'other' }, result],
  [user('twice the same call'), call, result, call, result],
  [assistantMessage('a', { id: 'msg_1' }), assistantMessage('b', { id: 'msg_1' }), user('one id')],
  [user('the assistant has the last word'), assistantMessage('I do')],
  [{ type: 'unknown', providerData: { type: 'from_another_provider' } }, user('one')],
  [{ role: 'user', content: '', providerData: { role: 'assistant' } }, user('empty')],
];

test.each(DATABASES)('an input is stored once, as it was sent, however odd ($name)', async ({ open }) => {
  const db = await open();
  for (const input of ODD_INPUTS) {
    const turns: Turn[] = [
      { input, steps: ['call'] },
      { input, steps: [] },
    ];
    const kinds = (await byServer(turns, db)).map(kindOf);
    const sent = input.map(kindOf);
    expect(kinds).toEqual([...sent, 'call add', 'result add', 'assistant', ...sent, 'assistant']);
  }
});
