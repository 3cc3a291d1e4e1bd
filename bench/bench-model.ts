import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import {
  type AssistantMessageItem,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type StreamEvent,
  Usage,
} from '@openai/agents-core';

/** 50 tokens a second. */
export const TOKEN_MS = 20;
const ANSWER = 'The bridge north of the village is guarded by a dragon that loves riddles.';

/**
 * Answers at once; asked for `100 tokens`, with so many at 50 a second. A token is the time at which it left, by the
 * clock that all processes of a machine share.
 */
export class BenchModel implements Model {
  async getResponse(): Promise<ModelResponse> {
    return { responseId: 'bench', output: outputOf(ANSWER), usage: new Usage() };
  }

  async *getStreamedResponse({ input, signal }: ModelRequest): AsyncGenerator<StreamEvent> {
    const tokens = Number(
      /"(\d+) tokens"/.exec(JSON.stringify(Array.isArray(input) ? input.at(-1) : [input]))?.[1] ?? 0,
    );
    yield { type: 'response_started' };
    if (tokens === 0) yield { type: 'output_text_delta', delta: ANSWER };
    let text = tokens === 0 ? ANSWER : '';
    const began = performance.now();
    for (let token = 0; token < tokens; token++) {
      const delta = `${process.hrtime.bigint()} `;
      text += delta;
      yield { type: 'output_text_delta', delta };
      const due = began + (token + 1) * TOKEN_MS - performance.now();
      // Also when it is late. A real model's tokens come from the network, with everybody else's in between: after a
      // timer, Node would go on with all timers that are due meanwhile before it looks at the network again.
      await sleep(Math.max(0, due));
      await setImmediate();
      signal?.throwIfAborted();
    }
    const usage = { inputTokens: 1, outputTokens: tokens, totalTokens: tokens + 1 };
    yield { type: 'response_done', response: { id: 'bench', output: outputOf(text), usage } };
  }
}

function outputOf(text: string): AssistantMessageItem[] {
  return [
    { type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text }] },
  ];
}
