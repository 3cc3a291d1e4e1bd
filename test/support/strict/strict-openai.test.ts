import { Agent, type AgentInputItem, type ModelRequest, Runner } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { strictModel } from '../runs.ts';
import type { Reply } from './reply.ts';

const APIS = ['responses', 'chat_completions'] as const;
const user = (content: string): AgentInputItem => ({ type: 'message', role: 'user', content });

/** What a model makes of one streamed answer: its text, its output, or the error. */
async function hear(api: (typeof APIS)[number], reply: Reply, input = [user('hi')], maxTokens?: number) {
  const { api: server, model } = await strictModel(() => reply, {
    api,
    ...(maxTokens === undefined ? {} : { maxTokens }),
  });
  const request: ModelRequest = {
    input,
    modelSettings: {},
    tools: [],
    handoffs: [],
    outputType: 'text',
    tracing: false,
  };
  let text = '';
  try {
    for await (const event of model.getStreamedResponse(request)) {
      if (event.type === 'output_text_delta') text += event.delta;
      if (event.type === 'response_done') return { server, text, output: event.response.output };
    }
    return { server, text };
  } catch (error) {
    return { server, text, error: error as Error & { status?: number; code?: string; headers?: Headers } };
  }
}

describe.each(APIS)('the server for %s', (api) => {
  test('streams text and calls with the ids that the test wants', async () => {
    const calls = [
      { name: 'pay', args: { sum: 1 }, id: 'pay:0' },
      { name: 'pay', args: {}, id: '' },
    ];
    const { text, output } = await hear(api, { text: 'one two', calls });
    expect(text).toBe('one two');
    expect(output?.filter(({ type }) => type === 'function_call')).toMatchObject([
      { callId: 'pay:0', name: 'pay', arguments: '{"sum":1}' },
      { callId: '', name: 'pay', arguments: '{}' },
    ]);
  });

  test('answers at once when it is asked so', async () => {
    const { model } = await strictModel(() => ({ text: 'one two' }), { api });
    const { finalOutput } = await new Runner().run(new Agent({ name: 'a', model }), 'hi');
    expect(finalOutput).toBe('one two');
  });

  test('says a refusal', async () => {
    const { output } = await hear(api, { refusal: 'No.' });
    expect(output).toMatchObject([{ role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }]);
  });

  test('sends an error with its status, code, message and headers', async () => {
    const error = {
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'Slow.',
      headers: { 'retry-after': '7' },
    };
    const heard = await hear(api, { error });
    expect(heard.error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(heard.error?.message).toContain('Slow.');
    expect(heard.error?.headers?.get('retry-after')).toBe('7');
  });

  test.each(['error', 'reset'] as const)('breaks off in the middle: %s', async (how) => {
    const { text, error } = await hear(api, { text: 'one two three', breaks: { after: 2, how } });
    expect(text).toBe('one two ');
    expect(error).toBeInstanceOf(Error);
  });

  test('ends without the last event', async () => {
    const { text } = await hear(api, { text: 'one two', breaks: { after: 9, how: 'end' } });
    expect(text).toBe('one two');
  });

  test('refuses more tokens than it takes, and what the real one refuses', async () => {
    const long = await hear(api, { text: 'a' }, [user('x'.repeat(400))], 100);
    expect(long.error).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    const call: AgentInputItem = { type: 'function_call', callId: 'a', name: 'f', arguments: '{}' };
    const lone = await hear(api, { text: 'a' }, [user('hi'), call], 100);
    expect(lone.error).toMatchObject({ status: 400 });
    expect(lone.server.refusals).toHaveLength(1);
    expect(lone.server.asked).toEqual([]);
  });
});

test.each([
  ['length', 'response.incomplete'],
  ['content_filter', 'response.incomplete'],
  ['error', 'response.failed'],
] as const)('an answer of Responses that ends with %s fails after its text', async (finish, event) => {
  const { text, error } = await hear('responses', { text: 'one two', finish });
  expect(text).toBe('one two');
  expect(error?.message).toContain(event);
});

test.each(['length', 'content_filter', 'error'] as const)(
  'an answer of Chat Completions ends with %s',
  async (finish) => {
    const { text, output } = await hear('chat_completions', { text: 'one two', finish });
    expect(text).toBe('one two');
    expect(output).toHaveLength(1);
  },
);

test('an answer of Responses has the items that the test wants', async () => {
  const raw = [{ id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search' } }];
  const { output } = await hear('responses', { reasoning: 'hm', raw });
  expect(output).toMatchObject([
    { type: 'reasoning' },
    { type: 'hosted_tool_call', name: 'web_search_call' },
  ]);
});

test('calls of Chat Completions that all have the same place become one', async () => {
  const calls = ['a', 'b'].map((name) => ({ name, args: {}, index: 0 }));
  const { output } = await hear('chat_completions', { calls });
  expect(output).toMatchObject([{ type: 'function_call', name: 'ab' }]);
});

test('an answer of Responses that was made with reasoning does not come back without it', async () => {
  const { api, model } = await strictModel(() => ({ reasoning: 'hm', text: 'Hello.' }));
  const runner = new Runner();
  const agent = new Agent({ name: 'a', model });
  const { history } = await runner.run(agent, 'hi');
  const thoughtless = history.filter(({ type }) => type !== 'reasoning');
  await expect(runner.run(agent, [...thoughtless, user('again')])).rejects.toThrow('required');
  await runner.run(agent, [...history, user('again')]);
  expect(api.refusals).toHaveLength(1);
});
