import { type AgentInputItem, type ModelRequest, protocol } from '@openai/agents-core';
import { describe, expect, it } from 'vitest';
import { OfflineModel } from '../../src/models/offline/offline-model.ts';

const model = new OfflineModel();

describe('a request to the offline model', () => {
  it('gets the same answer and ids every time', async () => {
    const first = await model.getResponse(request('roll d20'));
    expect(await model.getResponse(request('roll d20'))).toEqual(first);
    expect((await model.getResponse(request('roll d6'))).responseId).not.toBe(first.responseId);
  });

  it('is counted by the length of its text', async () => {
    const short = (await model.getResponse(request('Hello'))).usage;
    const long = (await model.getResponse(request('Hello '.repeat(100)))).usage;
    expect(short).toMatchObject({ requests: 1, totalTokens: short.inputTokens + short.outputTokens });
    expect(long.inputTokens).toBeGreaterThan(short.inputTokens + 100);
  });

  it('with parts is read like one with text, whatever else it holds', async () => {
    const parts = { type: 'message', role: 'user', content: [{ type: 'input_image', image: 'data:,' }] };
    const text = { type: 'input_text', text: 'roll d20' };
    const input = [{ type: 'reasoning' }, { ...parts, content: [...parts.content, text] }];
    const { output } = await model.getResponse(request(input as AgentInputItem[]));
    expect(output).toMatchObject([{ type: 'function_call', name: 'roll_dice' }]);
  });

  it('without a message of the user gets a message', async () => {
    const { output } = await model.getResponse(request([]));
    expect(output).toMatchObject([{ type: 'message', role: 'assistant' }]);
  });

  it('that is streamed gives start, text word by word, and the whole response', async () => {
    const events = await collect(model.getStreamedResponse(request('Hello')));
    expect(events.map((event) => event.type)).toEqual([
      'response_started',
      ...Array(events.length - 2).fill('output_text_delta'),
      'response_done',
    ]);
    expect(events.length).toBeGreaterThan(10);
    for (const event of events) protocol.StreamEvent.parse(event);
    const { output, responseId, usage } = await model.getResponse(request('Hello'));
    const { requests, inputTokens, outputTokens, totalTokens } = usage;
    const response = { id: responseId, output, usage: { requests, inputTokens, outputTokens, totalTokens } };
    expect(events.at(-1)).toEqual({ type: 'response_done', response });
  });

  it('that was aborted is not answered', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(model.getResponse({ ...request('Hello'), signal })).rejects.toThrow('stop');
    await expect(collect(model.getStreamedResponse({ ...request('Hello'), signal }))).rejects.toThrow('stop');
  });

  it('that is aborted in the middle of its stream stops there', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const read = async () => {
      for await (const event of model.getStreamedResponse({
        ...request('Hello'),
        signal: controller.signal,
      })) {
        seen.push(event.type);
        if (seen.length === 4) controller.abort(new Error('stop'));
      }
    };
    await expect(read()).rejects.toThrow('stop');
    expect(seen).toHaveLength(4);
  });
});

function request(input: ModelRequest['input']): ModelRequest {
  const parameters = {
    type: 'object' as const,
    properties: {},
    required: [],
    additionalProperties: false as const,
  };
  return {
    input,
    modelSettings: {},
    tools: [{ type: 'function', name: 'roll_dice', description: 'rolls', parameters, strict: true }],
    outputType: 'text',
    handoffs: [],
    tracing: false,
  };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
