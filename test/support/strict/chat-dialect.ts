import { setTimeout as sleep } from 'node:timers/promises';
import { chatFaultOf } from './chat-faults.ts';
import type { Dialect } from './dialect.ts';
import { breakOff, type Reply, speak } from './reply.ts';
import type { ApiItem } from './responses-faults.ts';

/** How the Chat Completions API speaks, and servers that are compatible with it. */
export const chatDialect: Dialect = {
  path: '/v1/chat/completions',
  inputOf: ({ messages }) => messages as ApiItem[],
  faultOf: chatFaultOf,
  tooLong: (maxTokens) =>
    `This model's maximum context length is ${maxTokens} tokens. Please reduce the length of the messages.`,
  outputOf: () => [],
  whole: wholeOf,
  stream: chunksOf,
  errorEvent: (message) => ({ error: { message, type: 'server_error', param: null, code: 'server_error' } }),
  last: 'data: [DONE]\n\n',
};

const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

async function* chunksOf(reply: Reply, number: number): AsyncGenerator<object> {
  const { text, refusal, calls = [], pace = 0 } = reply;
  const chunk = { id: `chatcmpl-${number}`, object: 'chat.completion.chunk', created: 1, model: 'strict' };
  const piece = (delta: object, finish: string | null = null) => ({
    ...chunk,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  yield piece({ role: 'assistant', content: '' });
  const thought = thoughtOf(reply);
  if (Object.keys(thought).length > 0) yield piece(thought);
  for await (const content of speak(text, reply)) yield piece({ content });
  if (refusal !== undefined) yield piece({ refusal });
  for (const [place, call] of toolCallsOf(reply, number).entries()) {
    if (pace > 0) await sleep(pace);
    const { arguments: args, ...rest } = call.function;
    const index = calls[place]?.index ?? place;
    yield piece({ tool_calls: [{ index, ...call, function: { ...rest, arguments: '' } }] });
    yield piece({ tool_calls: [{ index, function: { arguments: args } }] });
  }
  breakOff(reply);
  yield piece({}, finishOf(reply));
  yield { ...chunk, choices: [], usage: USAGE };
}

function wholeOf(reply: Reply, number: number): object {
  const { text = null, refusal = null } = reply;
  const calls = toolCallsOf(reply, number);
  const message = {
    role: 'assistant',
    content: text,
    refusal,
    ...thoughtOf(reply),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id: `chatcmpl-${number}`,
    object: 'chat.completion',
    created: 1,
    model: 'strict',
    choices: [{ index: 0, message, finish_reason: finishOf(reply), logprobs: null }],
    usage: USAGE,
  };
}

function thoughtOf({ reasoning, reasoningContent }: Reply): object {
  return {
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(reasoningContent === undefined ? {} : { reasoning_content: reasoningContent }),
  };
}

function toolCallsOf({ calls = [] }: Reply, number: number) {
  return calls.map(({ name, args, id }, index) => ({
    id: id ?? `call_${number}_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
}

function finishOf({ finish, calls = [] }: Reply): string {
  return finish ?? (calls.length > 0 ? 'tool_calls' : 'stop');
}
