import { Agent, type AgentInputItem, type ModelResponse, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import fc from 'fast-check';
import { z } from 'zod';

/** What a tool answers, beside text: everything that the SDK allows. */
const TOOL_OUTPUTS: Readonly<Record<string, unknown>> = {
  text: 'forty-two',
  empty: '',
  odd: 'NUL \u0000, half a pair \ud800, “quotes”',
  object: { b: 1, a: [null, -0, { c: 'ü' }] },
  part: { type: 'text', text: 'a part' },
  image: { type: 'image', image: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
  list: [
    { type: 'text', text: 'one' },
    { type: 'file', file: { data: 'aGk=', mediaType: 'text/plain', filename: 'a.txt' } },
  ],
  bytes: { type: 'image', image: { data: new Uint8Array([1, 2, 255]), mediaType: 'image/png' } },
};

type Output = ModelResponse['output'][number];

/** What the model does in one answer. The last answer of a script is text. */
export interface Turn {
  readonly reasons: boolean;
  readonly says: string | undefined;
  /** Names of tool outputs: a call each, all at once. */
  readonly calls: readonly string[];
  readonly handsOver: boolean;
  readonly throws: boolean;
}

/** The answers of one run. */
export type Script = readonly Turn[];

const turn = fc.record({
  reasons: fc.boolean(),
  says: fc.option(fc.constantFrom('Hm.', 'Let me see \u0000 …'), { nil: undefined }),
  calls: fc.array(fc.constantFrom(...Object.keys(TOOL_OUTPUTS)), { maxLength: 4 }),
  handsOver: fc.boolean(),
  throws: fc.boolean(),
});

/** Two runs on one chat. */
export const scripts: fc.Arbitrary<readonly [Script, Script]> = fc.tuple(
  fc.array(turn, { maxLength: 4 }),
  fc.array(turn, { maxLength: 2 }),
);

/** What a run is given: text, or items of the SDK. */
export const inputs = fc.oneof(
  fc.constantFrom('Hello', '', 'Say \u0000'),
  fc.constant<AgentInputItem[]>([
    { role: 'user', content: [{ type: 'input_text', text: 'See this.' }] },
    { role: 'user', content: 'And this.' },
  ]),
  fc.constant<AgentInputItem[]>([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Go.' },
  ]),
);

/** An agent that follows the scripts, one a run, and the model that records what it was asked. */
export function agentOf(all: readonly Script[]): { readonly agent: Agent; readonly model: ScriptedModel } {
  const model = new ScriptedModel(all.flatMap((script, run) => answersOf(script, run)));
  const other = new Agent({ name: 'Other', model, tools: toolsOf() });
  const agent = new Agent({ name: 'One', model, tools: toolsOf(), handoffs: [other] });
  other.handoffs.push(agent);
  return { agent, model };
}

function answersOf(script: Script, run: number): Output[][] {
  let current = 'One';
  const answers = script.map((turn, index) => {
    const id = `${run}_${index}`;
    const output = answerOf(turn, id);
    if (turn.handsOver) {
      const to = current === 'One' ? 'Other' : 'One';
      output.push(functionCall(`transfer_to_${to}`, {}, { callId: `handoff_${id}`, id: `fc_h_${id}` }));
      current = to;
    }
    return output;
  });
  const thinking = script.some(({ reasons }) => reasons) ? [reasoning(`${run}_last`)] : [];
  return [
    ...answers.filter((output) => output.some(({ type }) => type === 'function_call')),
    [...thinking, assistantMessage(`Done ${run}.`, { id: `msg_${run}` })],
  ];
}

function answerOf({ reasons, says, calls, throws }: Turn, id: string): Output[] {
  const named = calls.map((output, index) =>
    functionCall('give', { output }, { callId: `call_${id}_${index}`, id: `fc_${id}_${index}` }),
  );
  const failing = throws ? [functionCall('fail', {}, { callId: `fail_${id}`, id: `fc_f_${id}` })] : [];
  return [
    ...(reasons ? [reasoning(id)] : []),
    ...(says === undefined ? [] : [assistantMessage(says, { id: `msg_${id}` })]),
    ...named,
    ...failing,
  ];
}

function reasoning(id: string): Output {
  return {
    type: 'reasoning',
    id: `rs_${id}`,
    content: [{ type: 'input_text', text: 'thinking' }],
    providerData: { encrypted_content: `secret ${id}` },
  };
}

function toolsOf() {
  const give = tool({
    name: 'give',
    description: 'Gives one of the outputs',
    parameters: z.object({ output: z.string() }),
    execute: async ({ output }) => structuredClone(TOOL_OUTPUTS[output]),
  });
  const fail = tool({
    name: 'fail',
    description: 'Throws, which the model reads',
    parameters: z.object({}),
    execute: async () => {
      throw new Error('out of order');
    },
  });
  return [give, fail];
}
