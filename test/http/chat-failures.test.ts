import { Agent, type AgentInputItem, Runner } from '@openai/agents-core';
import {
  assistantMessage,
  functionCall,
  modelError,
  modelResponder,
  ScriptedModel,
  type ScriptedModelInput,
} from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { QuestlogError } from '../../src/errors.ts';
import { addTool, historyOf, kindOf, textOf } from '../support/agents.ts';
import { type Ask, agentTest, type Mounted } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import { readEvents } from '../support/sse.ts';
import { LIMIT_MS, limitTimers } from '../support/timing.ts';

const KEY = 'sk-proj-4bC_dEfGhIjKlMnOpQrStUvWx';
const callAdd = [functionCall('add', { to: 1 }, { callId: 'c1' })];
/** Ends the limit of the run that has come as far as it does. */
let timeIsUp: () => void = () => undefined;
const never: ScriptedModelInput = modelResponder(
  ({ request }) =>
    new Promise((_resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
      timeIsUp();
    }),
);

function deaf(): Promise<string> {
  timeIsUp();
  return new Promise(() => undefined);
}

function providerError(message: string, fields: object): ScriptedModelInput {
  return modelError(Object.assign(new Error(message), fields));
}

const guardrail = (name: string) => ({
  name,
  execute: async () => ({ tripwireTriggered: true, outputInfo: null }),
});

interface Failure {
  readonly name: string;
  readonly script: readonly ScriptedModelInput[];
  readonly options?: Omit<Mounted, 'agent'>;
  readonly agent?: Partial<ConstructorParameters<typeof Agent>[0]>;
  /** What the tool `add` throws, or does instead. */
  readonly tool?: Error | typeof deaf;
  readonly problem: { readonly status: number; readonly code: string; readonly detail: unknown };
  /** What is in the chat beside the input. */
  readonly kept?: readonly string[];
  /** Whether later models do not get the input. */
  readonly isBlocked?: boolean;
}

/** Of what the model did, its own words are left out. */
const BEHAVED = 'the model sent what the agent cannot follow';

/** A call with its result, or with the word that there is none. */
const CALLED = ['call add', 'result add'];

const FAILURES: readonly Failure[] = [
  {
    name: 'a provider that refuses the key',
    script: [providerError(`401 Incorrect API key provided: ${KEY}.`, { status: 401 })],
    problem: {
      status: 500,
      code: 'model_unauthorized',
      detail: "the model's provider does not accept the credentials of this server",
    },
  },
  {
    name: 'a provider that is overloaded after a tool ran',
    script: [callAdd, providerError('503 overloaded', { statusCode: 503 })],
    kept: CALLED,
    problem: {
      status: 503,
      code: 'model_unavailable',
      detail: "the model's provider cannot be reached, or cannot answer now",
    },
  },
  {
    name: 'a provider that takes too long',
    script: [modelError(Object.assign(new Error('timed out'), { name: 'TimeoutError' }))],
    problem: { status: 504, code: 'model_timeout', detail: 'the model took too long to answer' },
  },
  {
    name: 'a run that takes too long',
    script: [callAdd, never],
    options: { runTimeoutMs: LIMIT_MS },
    kept: CALLED,
    problem: { status: 504, code: 'model_timeout', detail: 'the run took too long and was ended' },
  },
  {
    name: 'a run that takes too long in a tool that listens to nothing',
    script: [callAdd],
    options: { runTimeoutMs: LIMIT_MS },
    tool: deaf,
    kept: CALLED,
    problem: { status: 504, code: 'model_timeout', detail: 'the run took too long and was ended' },
  },
  {
    name: 'a model call that takes longer than the agent allows',
    script: [never],
    agent: { modelSettings: { timeoutMs: 50 } },
    problem: { status: 504, code: 'model_timeout', detail: 'the model took too long to answer' },
  },
  {
    name: 'a model that calls a tool that is not there',
    script: [[functionCall('missing', {}, { callId: 'c1' })]],
    kept: ['call missing', 'result missing'],
    problem: { status: 502, code: 'model_failed', detail: BEHAVED },
  },
  {
    name: 'a model that is broken in itself',
    script: [modelError(new TypeError(`cannot read ${KEY}`))],
    problem: { status: 500, code: 'run_failed', detail: 'the run failed' },
  },
  {
    name: 'a tool that throws',
    script: [callAdd],
    tool: new Error(`secret ${KEY}`),
    kept: CALLED,
    problem: { status: 500, code: 'run_failed', detail: 'a tool of the agent failed' },
  },
  {
    name: 'a tool that says why it failed',
    script: [callAdd],
    tool: new QuestlogError('run_refused', 'not in this dungeon'),
    kept: CALLED,
    problem: { status: 422, code: 'run_refused', detail: 'not in this dungeon' },
  },
  {
    name: 'a model that calls with one id for ever',
    script: Array.from({ length: 12 }, () => callAdd),
    kept: Array.from({ length: 10 }, () => CALLED).flat(),
    problem: { status: 500, code: 'run_failed', detail: expect.stringContaining('limit of turns') },
  },
  {
    name: 'an agent that does not come to an end',
    script: Array.from({ length: 12 }, (_, index) => [
      functionCall('add', { to: 1 }, { callId: `c${index}` }),
    ]),
    kept: Array.from({ length: 10 }, () => CALLED).flat(),
    problem: { status: 500, code: 'run_failed', detail: expect.stringContaining('limit of turns') },
  },
  {
    name: 'an input guardrail',
    script: [[assistantMessage('said before the guardrail was done')]],
    agent: { inputGuardrails: [guardrail('in')] },
    isBlocked: true,
    problem: { status: 422, code: 'run_refused', detail: expect.stringContaining('guardrail') },
  },
  {
    name: 'an output guardrail',
    script: [[assistantMessage('forbidden')]],
    agent: { outputGuardrails: [guardrail('out')] },
    problem: { status: 422, code: 'run_refused', detail: expect.stringContaining('guardrail') },
  },
];

const INPUT: AgentInputItem[] = [
  { role: 'user', content: 'one' },
  { role: 'user', content: 'two' },
];

function noStack(text: string): void {
  expect(text).not.toMatch(/\bat \S+ \(|\.[mc]?[jt]s:\d+|node_modules/);
  expect(text).not.toContain(KEY);
}

/** Fails once by `/run` and once by `/stream`, on one chat; both must say the same. */
async function failTwice(ask: Ask, id: string, { problem, name }: Failure): Promise<void> {
  const run = await ask('POST', '/chat/run', { input: INPUT, session_id: id });
  const { status, code, detail } = problem;
  const ids = { run_id: run.headers['x-run-id'], session_id: id };
  expect([run.statusCode, run.json()], name).toEqual([
    status,
    { title: expect.any(String), status, code, detail, ...ids },
  ]);
  expect(run.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  const stream = await ask('POST', '/chat/stream', { input: INPUT, session_id: id });
  const last = readEvents(stream.body).at(-1);
  const runId = stream.headers['x-run-id'];
  expect(last?.data, name).toEqual({ type: 'error', ...run.json(), detail, run_id: runId });
  for (const text of [run.body, stream.body]) noStack(text);
}

for (const failure of FAILURES) {
  agentTest(`${failure.name}: says so, keeps the input once, and the next run works`, async ({ talkTo }) => {
    const { script, options, agent: extra, tool, kept = [] } = failure;
    timeIsUp = options?.runTimeoutMs === undefined ? () => undefined : limitTimers().timeIsUp;
    const model = new ScriptedModel([...script, ...script]);
    const tools = [addTool(tool)];
    const failing = new Agent({ name: 'Failing', model, tools, ...extra });
    const working = new ScriptedModel([[assistantMessage('All is well.')]]);
    const well = { agent: new Agent({ name: 'Working', model: working }), prefix: '/well' };
    const ask = await talkTo({ agent: failing, ...options }, well);
    const id = newUser();
    await failTwice(ask, id, failure);
    const input = ['user', 'user', ...kept];
    expect((await historyOf(ask, id)).map(kindOf)).toEqual([...input, ...input]);

    const next = await ask('POST', '/well/run', { input: 'three', session_id: id });
    expect(next.json(), next.body).toMatchObject({ success: true, final_output: 'All is well.' });
    const seen = working.lastCall?.request.input ?? [];
    const earlier = failure.isBlocked ? [] : ['one', 'two', 'one', 'two'];
    expect(Array.isArray(seen) && seen.map(textOf).filter(Boolean)).toEqual([...earlier, 'three']);
  });
}

agentTest('a filter of the embedder changes what the model reads, not what the user said', async (test) => {
  const model = new ScriptedModel([[assistantMessage('one')], [assistantMessage('two')]]);
  const runner = new Runner({
    tracingDisabled: true,
    callModelInputFilter: ({ modelData }) => ({
      ...modelData,
      input: modelData.input.slice(-1).map((item) => ({ ...item, content: '[redacted]' }) as AgentInputItem),
    }),
  });
  const ask = await test.talkTo({ agent: new Agent({ name: 'A', model }), runner });
  const id = newUser();
  for (const input of ['my secret', 'my other secret']) {
    expect((await ask('POST', '/chat/run', { input, session_id: id })).statusCode).toBe(200);
  }
  expect(model.lastCall?.request.input).toMatchObject([{ role: 'user', content: '[redacted]' }]);
  expect((await historyOf(ask, id)).map(textOf)).toEqual(['my secret', 'one', 'my other secret', 'two']);
});
