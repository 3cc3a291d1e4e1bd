import { Agent, type AgentOptions, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../src/database/database.ts';
import type { RunLog } from '../../src/run/types.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { appOn, eventsOf, runsOn, Talk } from '../support/runs.ts';

const trips = (name: string) => ({
  name,
  execute: async () => ({ tripwireTriggered: true, outputInfo: undefined }),
});
const thought = {
  type: 'reasoning' as const,
  id: 'rs',
  content: [{ type: 'input_text' as const, text: 'SECRET' }],
};
const reveal = (output: string, needsApproval = false) =>
  tool({
    name: 'reveal',
    description: 'Tells',
    parameters: z.object({}),
    needsApproval,
    execute: async () => output,
  });
const look = tool({
  name: 'look',
  description: 'Looks',
  parameters: z.object({}),
  execute: async () => 'seen',
});
const call = (name: string) => functionCall(name, {}, { callId: `c-${name}` });

/** Everything that the database holds, as text. */
async function contentsOf(db: Database, userId: string): Promise<string> {
  const tables = ['chats', 'chat_items', 'archived_items', 'runs', 'run_events', 'run_states'];
  const rows = await Promise.all(
    tables.map((table) => db.query({ text: `select * from ${table} where user_id = $1`, values: [userId] })),
  );
  return JSON.stringify(rows);
}

interface Withheld {
  readonly name: string;
  readonly answers: ConstructorParameters<typeof ScriptedModel>[0];
  readonly options: Partial<AgentOptions>;
  readonly kept: readonly string[];
}

const WITHHELD: readonly Withheld[] = [
  {
    name: 'an answer, its reasoning included',
    answers: [[thought, assistantMessage('SECRET')]],
    options: {},
    kept: ['user'],
  },
  {
    name: 'an answer after a tool ran, which is kept',
    answers: [[call('look')], [thought, assistantMessage('SECRET')]],
    options: { tools: [look] },
    kept: ['user', 'call look', 'result look'],
  },
  {
    name: 'the result of a tool that was to be the answer',
    answers: [[call('reveal')]],
    options: { tools: [reveal('SECRET')], toolUseBehavior: 'stop_on_first_tool' },
    kept: ['user', 'call reveal', 'result reveal'],
  },
];

test.each(
  DATABASES.flatMap(({ name, open }) => WITHHELD.map((withheld) => ({ on: name, open, ...withheld }))),
)(
  'an output guardrail withholds $name: it is stored, sent and logged nowhere ($on)',
  async ({ open, answers, options, kept }) => {
    const db = await open();
    const talk = new Talk(db, runsOn(db));
    const lines: unknown[] = [];
    const log: RunLog = {
      info: (...line) => lines.push(line),
      warn: (...line) => lines.push(line),
      child: () => log,
    };
    const model = new ScriptedModel(answers);
    const guards = { outputGuardrails: [trips('out')] };
    const agent = new Agent({ name: 'A', model, ...options, ...guards } as AgentOptions);
    const run = await talk.start(agent, 'go', { log });
    await expect(run.result()).rejects.toMatchObject({ code: 'run_refused' });
    expect((await talk.history()).map(kindOf)).toEqual(kept);
    expect(await contentsOf(db, talk.userId)).not.toContain('SECRET');
    expect(JSON.stringify([await eventsOf(run), lines])).not.toContain('SECRET');
    expect(lines.length).toBeGreaterThan(0);
  },
);

test.each(DATABASES)(
  'the guardrail of the agent that a paused run was handed over to counts when it goes on ($name)',
  async ({ open }) => {
    const db = await open();
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const model = new ScriptedModel([
      [call('transfer_to_Second')],
      [call('reveal')],
      [thought, assistantMessage('SECRET')],
    ]);
    const second = new Agent({
      name: 'Second',
      model,
      tools: [reveal('told', true)],
      outputGuardrails: [trips('out')],
    });
    const first = new Agent({ name: 'First', model, handoffs: [second] });
    const run = await talk.start(first, 'go');
    const { pending } = (await run.result()) as { pending?: { call_id: string }[] };
    const decisions = (pending ?? []).map(({ call_id }) => ({ call_id, approve: true }));
    const resumed = await runs.decide(talk.userId, run.runId, decisions);
    await expect(resumed.result()).rejects.toMatchObject({ code: 'run_refused' });
    expect(await contentsOf(db, talk.userId)).not.toContain('SECRET');
    expect((await talk.history()).map(kindOf).slice(-2)).toEqual(['call reveal', 'result reveal']);
  },
);

test.each(DATABASES)(
  'a message that an input guardrail refused stays, marked as blocked, and no later model gets it ($name)',
  async ({ open }) => {
    const db = await open();
    const model = new ScriptedModel([[assistantMessage('Oh.')], [assistantMessage('Hello.')]]);
    const strict = new Agent({ name: 'A', model, inputGuardrails: [trips('in')] });
    const runs = runsOn(db);
    const { ask, userId } = await appOn(runs, db, strict);
    const refused = await ask('POST', '/chat/run', { input: 'bad words', session_id: `c${userId}` });
    expect(refused.json().code).toBe('run_refused');
    const plain = new Agent({ name: 'A', model });
    const next = await runs.start({ agent: plain, input: 'hello', userId, chatId: `c${userId}` });
    await next.result();
    expect(JSON.stringify(model.lastCall?.request.input)).not.toContain('bad words');
    const { items } = (await ask('GET', `/chats/c${userId}/items`)).json();
    expect(items.map((entry: { blocked?: boolean }) => entry.blocked)).toEqual([true, false, false]);
    expect(items[0].item.content).toBe('bad words');
  },
);
