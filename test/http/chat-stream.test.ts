import { Agent, tool } from '@openai/agents-core';
import {
  assistantMessage,
  functionCall,
  modelError,
  modelStream,
  ScriptedModel,
  type ScriptedModelInput,
} from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { z } from 'zod';
import { addTool, historyOf } from '../support/agents.ts';
import { type Ask, agentTest } from '../support/app.ts';
import { type ReceivedEvent, readEvents } from '../support/sse.ts';

const USAGE = { requests: 1, inputTokens: 5, outputTokens: 7, totalTokens: 12 };

/** One model call that gives the raw events of a provider, then these items. */
function rawly(events: readonly object[], output: ReturnType<typeof assistantMessage>[]): ScriptedModelInput {
  return modelStream([
    { type: 'response_started' },
    ...events.map((event) => ({ type: 'model' as const, event })),
    { type: 'response_done', response: { id: 'resp_9', output, usage: USAGE } },
  ]);
}

async function stream(ask: Ask, body: object): Promise<ReceivedEvent[]> {
  const reply = await ask('POST', '/chat/stream', body);
  expect(reply.statusCode, reply.body).toBe(200);
  return readEvents(reply.body);
}

const summary = ({ type, data }: ReceivedEvent) =>
  [type, data.kind ?? data.name, data.agent].filter((part) => part !== undefined).join(' ');

agentTest('a stream is server-sent events, numbered from 1, that name their run', async ({ talkTo }) => {
  const ask = await talkTo(new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage('Hi!')]]) }));
  const reply = await ask('POST', '/chat/stream', { input: 'hi', session_id: 'a chat' });
  expect(reply.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'private, no-store',
    'x-accel-buffering': 'no',
    'x-session-id': 'a%20chat',
  });
  expect(
    reply.body.startsWith(': questlog\n\nid: 1\nevent: raw_response\ndata: {"type":"raw_response"'),
  ).toBe(true);
  const events = readEvents(reply.body);
  expect(events.map(({ id }) => id)).toEqual([1, 2, 3]);
  for (const { type, data } of events) expect(data.type).toBe(type);
  expect(events.at(-1)?.data).toStrictEqual({
    type: 'stream_complete',
    final_output: 'Hi!',
    refusal: null,
    usage: { requests: 1, input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    response_id: 'scripted-response-1',
    incomplete: null,
    omitted_turns: 0,
    session_id: 'a chat',
    run_id: reply.headers['x-run-id'],
  });
});

agentTest(
  'tools, messages and handoffs are told as they happen, by whoever does them',
  async ({ talkTo }) => {
    const add = addTool();
    const healer = new Agent({ name: 'Healer', model: new ScriptedModel([[assistantMessage('Healed.')]]) });
    const model = new ScriptedModel([
      [assistantMessage('Let me add.'), functionCall('add', { to: 1 }, { callId: 'c1' })],
      [functionCall('transfer_to_Healer', {}, { callId: 'c2' })],
    ]);
    const ask = await talkTo(new Agent({ name: 'Guide', model, tools: [add], handoffs: [healer] }));
    const events = await stream(ask, { input: 'hi' });
    expect(events.map(summary)).toEqual([
      'raw_response text_delta',
      'run_item message_output_created Guide',
      'run_item tool_called Guide',
      'run_item tool_output Guide',
      'run_item handoff_requested Guide',
      'run_item handoff_occurred Guide',
      'agent_updated Healer',
      'raw_response text_delta',
      'run_item message_output_created Healer',
      'stream_complete',
    ]);
    const items = events.flatMap(({ data }) => (data.type === 'run_item' ? [data.item] : []));
    const stored = await historyOf(ask, String(events.at(-1)?.data.session_id));
    // The SDK does not store the id of a function call: everything else of an event's item is what is stored.
    expect(stored.slice(1)).toEqual(items.map((item) => ({ ...(item as object), id: undefined })));
  },
);

agentTest(
  'text, reasoning, refusals and tool arguments of the Responses API are raw_response',
  async (test) => {
    const response = rawly(
      [
        {
          type: 'response.output_item.added',
          item: { id: 'fc_1', call_id: 'call_1', type: 'function_call' },
        },
        { type: 'response.reasoning_summary_text.delta', delta: 'Hmm' },
        { type: 'response.reasoning_text.delta', delta: ', so' },
        { type: 'response.refusal.delta', delta: 'I will not' },
        { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: '{"to"' },
        { type: 'response.function_call_arguments.delta', item_id: 'fc_1', delta: ':1}' },
        { type: 'response.reasoning_summary_text.delta', delta: '' },
        { type: 'response.something.new', delta: 'unknown' },
      ],
      [assistantMessage('ok')],
    );
    const ask = await test.talkTo(new Agent({ name: 'A', model: new ScriptedModel([response]) }));
    const events = await stream(ask, { input: 'hi' });
    expect(events.flatMap(({ data: { type, ...data } }) => (type === 'raw_response' ? [data] : []))).toEqual([
      { kind: 'reasoning_delta', delta: 'Hmm' },
      { kind: 'reasoning_delta', delta: ', so' },
      { kind: 'refusal_delta', delta: 'I will not' },
      { kind: 'tool_arguments_delta', delta: '{"to"', call_id: 'call_1' },
      { kind: 'tool_arguments_delta', delta: ':1}', call_id: 'call_1' },
    ]);
    expect(events.at(-1)?.data).toMatchObject({
      usage: { requests: 1, input_tokens: 5, output_tokens: 7, total_tokens: 12 },
      response_id: 'resp_9',
    });
  },
);

agentTest('the same of Chat Completions, whose calls are told apart by their index', async ({ talkTo }) => {
  const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] });
  const call = (index: number, args: string, id?: string) =>
    chunk({ tool_calls: [{ index, ...(id ? { id } : {}), function: { arguments: args } }] });
  const response = rawly(
    [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning: 'Hmm' }),
      chunk({ reasoning_content: '…' }),
      chunk({ refusal: 'No' }),
      call(0, '', 'call_a'),
      call(1, '{}', 'call_b'),
      call(0, '{"to":1}'),
      { choices: [] },
      { choices: [null, {}] },
    ],
    [assistantMessage('ok')],
  );
  const ask = await talkTo(new Agent({ name: 'A', model: new ScriptedModel([response]) }));
  const events = await stream(ask, { input: 'hi' });
  expect(events.flatMap(({ data: { type, ...data } }) => (type === 'raw_response' ? [data] : []))).toEqual([
    { kind: 'reasoning_delta', delta: 'Hmm' },
    { kind: 'reasoning_delta', delta: '…' },
    { kind: 'refusal_delta', delta: 'No' },
    { kind: 'tool_arguments_delta', delta: '{}', call_id: 'call_b' },
    { kind: 'tool_arguments_delta', delta: '{"to":1}', call_id: 'call_a' },
  ]);
});

agentTest('whatever a model writes stays one line of data', async ({ talkTo }) => {
  const text = 'a\nb\r\nc\rid: 9\n\nevent: error\ndata: {}\u2028\u0000\ud83d';
  const ask = await talkTo(new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage(text)]]) }));
  const events = await stream(ask, { input: 'hi' });
  expect(events.map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(events[0]?.data.delta).toBe(text);
  expect(events[2]?.data.final_output).toBe(text);
});

agentTest(
  'a stream that fails ends with one error event: the problem that a run answers with',
  async (test) => {
    const failing = () => new ScriptedModel([[functionCall('add', { to: 1 }, { callId: 'c1' })], failure]);
    const failure = modelError(Object.assign(new Error('overloaded'), { status: 503 }));
    const agents = [failing(), failing()].map((model) => new Agent({ name: 'A', model, tools: [addTool()] }));
    const ask = await test.talkTo(
      ...agents.map((agent, index) => ({ agent, prefix: ['/chat', '/b'][index] })),
    );
    const events = await stream(ask, { input: 'hi', session_id: null });
    expect(events.map(summary)).toEqual(['run_item tool_called A', 'run_item tool_output A', 'error']);
    const run = await ask('POST', '/b/run', { input: 'hi', session_id: null });
    expect({ type: 'error', ...run.json() }).toEqual({
      ...events.at(-1)?.data,
      run_id: run.headers['x-run-id'],
    });
    expect(run.json()).toMatchObject({ status: 503, code: 'model_unavailable', session_id: null });
  },
);

agentTest('what cannot begin is refused as a problem, not as a stream', async ({ talkTo }) => {
  const ask = await talkTo(new Agent({ name: 'A', model: new ScriptedModel([]) }));
  for (const body of [{}, { input: '' }, { input: [{ role: 'nobody' }] }, { input: 'x', session_id: '\0' }]) {
    const reply = await ask('POST', '/chat/stream', body);
    expect([reply.statusCode, reply.headers['content-type']], JSON.stringify(body)).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
  }
});

agentTest('a tool that needs an approval pauses the run, and a run that gives it up works', async (test) => {
  const execute = () => {
    throw new Error('must not run');
  };
  const burn = tool({
    name: 'burn',
    description: 'Burns',
    parameters: z.object({}),
    needsApproval: true,
    execute,
  });
  const model = new ScriptedModel([
    [functionCall('burn', {}, { callId: 'c1' })],
    [assistantMessage('As you wish.')],
  ]);
  const ask = await test.talkTo(new Agent({ name: 'A', model, tools: [burn] }));
  const events = await stream(ask, { input: 'burn it', session_id: test.user });
  expect(events.map(summary)).toEqual([
    'run_item tool_called A',
    'run_item tool_approval_requested A',
    'approval_required',
  ]);
  const pending = [{ call_id: 'c1', name: 'burn', arguments: '{}', agent: 'A' }];
  expect(events.at(-1)?.data).toMatchObject({ pending, session_id: test.user });
  const leave = { input: 'leave it', session_id: test.user };
  const refused = await ask('POST', '/chat/run', leave);
  expect(refused.json()).toMatchObject({ status: 409, code: 'approval_pending', pending });
  const next = await ask('POST', '/chat/run', { ...leave, pending: 'reject' });
  expect(next.json()).toMatchObject({ success: true, final_output: 'As you wish.' });
  expect(JSON.stringify(model.lastCall?.request.input)).toContain('not approved');
});
