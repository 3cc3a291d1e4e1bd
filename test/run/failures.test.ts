import { Agent, type AgentOptions, tool } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { eventOf, runsOn, strictModel, Talk } from '../support/runs.ts';
import { inShort } from '../support/strict/in-short.ts';
import type { Script } from '../support/strict/reply.ts';
import type { ApiItem } from '../support/strict/responses-faults.ts';
import { LIMIT_MS, limitTimers } from '../support/timing.ts';

const OPEN = 'Interrupted: the tool did not finish. Whether it had an effect is not known.';
const callPay = { calls: [{ name: 'pay', args: { gold: 1 } }] };
const isResult = (input: readonly ApiItem[]) => input.at(-1)?.type === 'function_call_output';

/** The tool `pay`, which says what was paid. */
function payTool(work: (gold: number) => unknown = () => 'paid') {
  const paid: number[] = [];
  const pay = tool({
    name: 'pay',
    description: 'Pays',
    parameters: z.object({ gold: z.number() }),
    execute: async ({ gold }) => {
      paid.push(gold);
      return work(gold);
    },
    errorFunction: null,
  });
  return { pay, paid };
}

interface Failure {
  readonly name: string;
  readonly script: Script;
  readonly code: string;
  readonly work?: (gold: number) => unknown;
  readonly agent?: Partial<AgentOptions>;
  /** What the next model is told before its own message. */
  readonly told: readonly string[];
}

const trip = (name: string) => ({
  name,
  execute: async () => ({ tripwireTriggered: true, outputInfo: undefined }),
});

const FAILURES: readonly Failure[] = [
  {
    name: 'the model refuses the first call',
    script: () => ({ error: { status: 500 } }),
    code: 'model_unavailable',
    told: ['user go'],
  },
  {
    name: 'the model fails after a tool ran',
    script: (input) => (isResult(input) ? { error: { status: 500 } } : { reasoning: 'hm', ...callPay }),
    code: 'model_unavailable',
    told: ['user go', 'reasoning', 'call pay', 'result pay paid'],
  },
  {
    name: 'a tool throws',
    script: () => callPay,
    work: () => {
      throw new Error('no gold');
    },
    code: 'run_failed',
    told: ['user go', 'call pay', 'result pay Error: no gold'],
  },
  {
    name: 'one of two tools throws',
    script: () => ({
      calls: [
        { name: 'pay', args: { gold: 1 } },
        { name: 'pay', args: { gold: 2 } },
      ],
    }),
    work: (gold) => {
      if (gold === 2) throw new Error('no gold');
      return 'paid';
    },
    code: 'run_failed',
    told: ['user go', 'call pay', 'call pay', 'result pay paid', 'result pay Error: no gold'],
  },
  {
    name: 'the agent does not come to an end',
    script: () => callPay,
    code: 'run_failed',
    told: ['user go', ...Array.from({ length: 10 }, () => ['call pay', 'result pay paid']).flat()],
  },
  {
    name: 'the model calls what is not there',
    script: () => ({ reasoning: 'hm', calls: [{ name: 'fly', args: {} }] }),
    code: 'model_failed',
    told: [
      'user go',
      'reasoning',
      'call fly',
      'result fly Not executed: the run ended before any tool was asked to do this.',
    ],
  },
  {
    name: 'a guardrail refuses the input',
    script: () => ({ text: 'never' }),
    agent: { inputGuardrails: [trip('in')] },
    code: 'run_refused',
    told: [],
  },
  {
    name: 'a guardrail withholds the answer after a tool ran',
    script: (input) => (isResult(input) ? { reasoning: 'SECRET', text: 'SECRET' } : callPay),
    agent: { outputGuardrails: [trip('out')] },
    code: 'run_refused',
    told: ['user go', 'call pay', 'result pay paid'],
  },
];

describe.each(DATABASES)('the next run works ($name)', ({ open }) => {
  test.each(FAILURES)('when $name', async ({ script, code, work, agent: options, told }) => {
    const db = await open();
    const { api, model } = await strictModel(script);
    const talk = new Talk(db, runsOn(db));
    const { pay } = payTool(work);
    const agent = new Agent({ name: 'A', model, tools: [pay], ...options } as AgentOptions);
    expect(await talk.say(agent, 'go')).toMatchObject({ code });

    api.script = () => ({ text: 'Done.' });
    const plain = new Agent({ name: 'A', model, tools: [pay] });
    expect(await talk.say(plain, 'next')).toMatchObject({ final_output: 'Done.' });
    expect(api.refusals).toEqual([]);
    expect(inShort(api.asked.at(-1))).toEqual([...told, 'user next']);
    expect(JSON.stringify(api.asked.at(-1))).not.toContain('SECRET');
  });
});

describe.each(DATABASES)('the next run works after a cancel ($name)', ({ open }) => {
  test('when it is cancelled in the middle of a word, and the partial answer is marked as such', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => ({ text: 'one two three', hangAfter: 2 }));
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const agent = new Agent({ name: 'A', model });
    const run = await talk.start(agent, 'go');
    await eventOf(run, (event) => event.type === 'raw_response' && event.delta === 'two ');
    await runs.cancel(talk.userId, run.runId);
    await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
    expect((await talk.history()).at(-1)).toEqual({
      type: 'message',
      role: 'assistant',
      status: 'incomplete',
      content: [{ type: 'output_text', text: 'one two ' }],
    });
    await nextWorks(talk, api, agent, ['user go', 'assistant one two ']);
  });

  test('when it is cancelled while a tool works, and the tool’s result counts', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => callPay);
    const runs = runsOn(db);
    const [started, cancelled] = [createGate(), createGate()];
    const talk = new Talk(db, runs);
    const { pay } = payTool(async () => {
      started.open();
      await cancelled.opened;
      return 'paid';
    });
    const agent = new Agent({ name: 'A', model, tools: [pay] });
    const run = await talk.start(agent, 'go');
    await started.opened;
    await runs.cancel(talk.userId, run.runId);
    cancelled.open();
    await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
    await nextWorks(talk, api, agent, ['user go', 'call pay', 'result pay paid']);
  });

  test('when it is cancelled while a tool hangs for good', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => callPay);
    const runs = runsOn(db);
    const started = createGate();
    const talk = new Talk(db, runs);
    const { pay } = payTool(() => {
      started.open();
      return new Promise(() => undefined);
    });
    const agent = new Agent({ name: 'A', model, tools: [pay] });
    const run = await talk.start(agent, 'go');
    await started.opened;
    await runs.cancel(talk.userId, run.runId);
    await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
    await nextWorks(talk, api, agent, ['user go', 'call pay', `result pay ${OPEN}`]);
  });
});

describe.each(DATABASES)('the next run works after a limit ($name)', ({ open }) => {
  test('when a tool hangs for good and the run has a limit', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => callPay);
    const talk = new Talk(db, runsOn(db, { timeoutMs: LIMIT_MS }));
    const { timeIsUp } = limitTimers();
    const { pay } = payTool(() => {
      timeIsUp();
      return new Promise(() => undefined);
    });
    const agent = new Agent({ name: 'A', model, tools: [pay] });
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'model_timeout' });
    const unlimited = new Talk(db, runsOn(db), talk);
    await nextWorks(unlimited, api, agent, ['user go', 'call pay', `result pay ${OPEN}`]);
  });

  test('when a result is too large to be stored, and nobody waits for ever', async () => {
    const db = await open();
    const { api, model } = await strictModel((input) => (isResult(input) ? { text: 'Done.' } : callPay));
    const talk = new Talk(db, runsOn(db, { maxItemBytes: 2_000 }));
    const { pay } = payTool(() => 'x'.repeat(3_000));
    const agent = new Agent({ name: 'A', model, tools: [pay] });
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'item_too_large' });
    await nextWorks(talk, api, agent, ['user go', 'call pay', expect.stringContaining('too large')]);
  });

  test('when an answer is too large to be stored', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => ({ text: 'x'.repeat(3_000) }));
    const talk = new Talk(db, runsOn(db, { maxItemBytes: 2_000 }));
    const agent = new Agent({ name: 'A', model });
    expect(await talk.say(agent, 'go')).toMatchObject({ code: 'item_too_large' });
    await nextWorks(talk, api, agent, ['user go']);
  });
});

async function nextWorks(
  talk: Talk,
  api: Awaited<ReturnType<typeof strictModel>>['api'],
  agent: Agent,
  told: readonly unknown[],
): Promise<void> {
  api.script = () => ({ text: 'Done.' });
  expect(await talk.say(agent, 'next')).toMatchObject({ final_output: 'Done.' });
  expect(api.refusals).toEqual([]);
  expect(inShort(api.asked.at(-1))).toEqual([...told, 'user next']);
}
