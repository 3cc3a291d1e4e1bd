import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  type AssistantMessageItem,
  type FunctionCallItem,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type StreamEvent,
  Usage,
} from '@openai/agents-core';
import { type Reply, readConversation } from './conversation.ts';
import { replyTo } from './replies.ts';

/** The name of the offline model, where other models have theirs. */
export const OFFLINE_MODEL_NAME = 'offline';

/** What a language model counts as one token, roughly, in characters. */
const TOKEN_LENGTH = 4;

type OutputItem = AssistantMessageItem | FunctionCallItem;

interface Answer {
  readonly id: string;
  readonly text: string;
  readonly output: OutputItem[];
  readonly usage: { requests: number; inputTokens: number; outputTokens: number; totalTokens: number };
}

/**
 * A model without network and key, for trying things out and for tests. It knows a few phrases (rolls, notes,
 * characters, questions about the conversation) and answers the same input always in the same way.
 */
export class OfflineModel implements Model {
  /** By which what it used is counted. */
  readonly modelName = OFFLINE_MODEL_NAME;

  async getResponse(request: ModelRequest): Promise<ModelResponse> {
    request.signal?.throwIfAborted();
    const { id, output, usage } = answer(request);
    return { responseId: id, output, usage: new Usage(usage) };
  }

  async *getStreamedResponse(request: ModelRequest): AsyncGenerator<StreamEvent> {
    request.signal?.throwIfAborted();
    const { id, text, output, usage } = answer(request);
    yield { type: 'response_started' };
    for (const delta of splitAtWords(text)) {
      // Lets an abort arrive: a stream that never waits cannot be stopped.
      await setImmediate();
      request.signal?.throwIfAborted();
      yield { type: 'output_text_delta', delta };
    }
    yield { type: 'response_done', response: { id, output, usage } };
  }
}

function answer(request: ModelRequest): Answer {
  const input = JSON.stringify(request.input);
  const id = createHash('sha256').update(input).digest('hex').slice(0, 24);
  const noTools = request.modelSettings.toolChoice === 'none';
  const reply = replyTo(readConversation(request.input), {
    tools: noTools ? [] : request.tools.map((tool) => tool.name),
    handoffs: noTools ? [] : request.handoffs.map((handoff) => handoff.toolName),
  });
  const output = toItems(reply, id);
  const inputTokens = tokens((request.systemInstructions ?? '') + input);
  const outputTokens = tokens(JSON.stringify(output));
  return {
    id: `offline_${id}`,
    text: 'text' in reply ? reply.text : '',
    output,
    usage: { requests: 1, inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
  };
}

/** Items without ids of their own: OpenAI, to which the same chat may go tomorrow, knows only ids that it made. */
function toItems(reply: Reply, id: string): OutputItem[] {
  if ('text' in reply) {
    const content = [{ type: 'output_text' as const, text: reply.text }];
    return [{ type: 'message', role: 'assistant', status: 'completed', content }];
  }
  return reply.calls.map((call, index) => ({
    type: 'function_call',
    callId: `call_${id}_${index}`,
    name: call.tool,
    arguments: JSON.stringify(call.input),
    status: 'completed',
  }));
}

function splitAtWords(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\s)(?=\S)/);
}

function tokens(text: string): number {
  return Math.ceil(text.length / TOKEN_LENGTH);
}
