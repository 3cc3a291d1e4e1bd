import {
  Agent,
  type AgentConfiguration,
  type Model,
  type ModelRequest,
  Runner,
  type StreamEvent,
  tool,
  Usage,
} from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ModelCalls } from '../../src/run/model-calls/model-calls.ts';
import { ModelWrapper } from '../../src/run/model-calls/model-wrapper.ts';
import { ToolServers } from '../../src/run/model-calls/tool-servers.ts';
import { RunUsage } from '../../src/run/usage/run-usage.ts';
import { addTool, kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { runsOn, Talk } from '../support/runs.ts';

/** An agent with state that only its own methods can reach. */
class Counting extends Agent {
  #asked = 0;

  constructor(config: Partial<AgentConfiguration>) {
    super({ name: 'Counting', ...config });
  }

  get asked(): number {
    return this.#asked;
  }

  override async getSystemPrompt(): Promise<string> {
    this.#asked += 1;
    return `Question ${this.#asked}`;
  }
}

describe.each(DATABASES)('an agent of a class of its own ($name)', ({ open }) => {
  test('runs with its private fields, and what it hands over to is stored, too', async () => {
    const db = await open();
    const model = new ScriptedModel([
      [functionCall('transfer_to_Second', {}, { callId: 'h' })],
      [functionCall('add', { to: 1 }, { callId: 'c' })],
      [assistantMessage('Two.')],
    ]);
    const talk = new Talk(db, runsOn(db));
    let known: string[] = [];
    const add = tool({
      name: 'add',
      description: 'Adds one',
      parameters: z.object({ to: z.number() }),
      execute: async () => {
        known = (await talk.history()).map(kindOf);
        return '2';
      },
    });
    const second = new Counting({ name: 'Second', model, tools: [add] });
    const first = new Counting({ model, handoffs: [second] });
    expect(await talk.say(first, 'go')).toMatchObject({ final_output: 'Two.' });
    expect(known, 'when the tool is executed').toContain('call add');
    expect([first.asked, second.asked]).toEqual([1, 2]);
    expect(model.lastCall?.request.systemInstructions).toBe('Question 2');
    expect((await talk.history()).map(kindOf)).toEqual([
      'user',
      'call transfer_to_Second',
      'result transfer_to_Second',
      'call add',
      'result add',
      'assistant',
    ]);
  });

  test('tells those who listen to it and to its runner what happens', async () => {
    const db = await open();
    const model = new ScriptedModel([
      [functionCall('add', { to: 1 }, { callId: 'c' })],
      [assistantMessage('Two.')],
    ]);
    const agent = new Counting({ model, tools: [addTool()] });
    const runner = new Runner({ tracingDisabled: true });
    const heard: string[] = [];
    for (const name of ['agent_start', 'agent_tool_start', 'agent_tool_end', 'agent_end'] as const) {
      agent.on(name, () => heard.push(`agent: ${name}`));
      runner.on(name, () => heard.push(`runner: ${name}`));
    }
    await new Talk(db, runsOn(db, { runner })).say(agent, 'go');
    const names = ['agent_start', 'agent_tool_start', 'agent_tool_end', 'agent_end'];
    expect(heard.toSorted()).toEqual(
      ['agent', 'runner'].flatMap((who) => names.map((name) => `${who}: ${name}`)).toSorted(),
    );
  });
});

test.each([
  ['its answer cannot be stored', false],
  ['nobody wants the rest', true],
])('a model’s stream is closed when %s', async (_why, leaves) => {
  let isClosed = false;
  const model: Model = {
    getResponse: () => Promise.reject(new Error('not asked')),
    async *getStreamedResponse(): AsyncGenerator<StreamEvent> {
      try {
        yield { type: 'response_started' };
        yield {
          type: 'response_done',
          response: { id: 'r', output: [assistantMessage('x')], usage: new Usage() } as never,
        };
        yield { type: 'response_started' };
      } finally {
        isClosed = true;
      }
    },
  };
  const persist = () => Promise.reject(new Error('the disk is full'));
  const calls = new ModelCalls({
    input: [],
    made: [],
    halvesHistory: true,
    persist,
    waitForRoom: () => undefined,
    counted: new RunUsage({
      db: { query: async () => ({ rows: [] }) },
      prices: undefined,
      limits: undefined,
      retry: (work) => work(false),
    }).countCalls({ userId: 'u', runId: 'r', chatId: null }),
  });
  const models = new ModelWrapper(new ToolServers());
  models.intercept(calls);
  calls.begin();
  const watched = models.wrapAgent(new Agent({ name: 'A', model })).model as Model;
  const seen: string[] = [];
  const read = async () => {
    for await (const { type } of watched.getStreamedResponse({ input: 'hi' } as ModelRequest)) {
      seen.push(type);
      if (leaves) return;
    }
  };
  const failure = await read().then(() => undefined, String);
  expect([isClosed, seen, failure]).toEqual([
    true,
    ['response_started'],
    leaves ? undefined : 'Error: the disk is full',
  ]);
});
