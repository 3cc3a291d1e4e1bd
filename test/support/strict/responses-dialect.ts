import { setTimeout as sleep } from 'node:timers/promises';
import type { Dialect } from './dialect.ts';
import { breakOff, type Reply, speak } from './reply.ts';
import { type ApiItem, faultOf } from './responses-faults.ts';

/** How the Responses API speaks. */
export const responsesDialect: Dialect = {
  path: '/v1/responses',
  inputOf({ input }) {
    return typeof input === 'string' ? [{ role: 'user', content: input }] : (input as ApiItem[]);
  },
  faultOf,
  tooLong: () =>
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
  outputOf,
  whole: (reply, number) => answerOf(reply, number).response,
  stream: eventsOf,
  errorEvent: (message) => ({ type: 'error', code: 'server_error', message, param: null }),
  last: '',
};

const USAGE = {
  input_tokens: 7,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 3,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 10,
};

async function* eventsOf(reply: Reply, number: number): AsyncGenerator<object> {
  const { pace = 0 } = reply;
  const end = answerOf(reply, number);
  yield {
    type: 'response.created',
    response: { ...end.response, status: 'in_progress', output: [], usage: null, error: null },
  };
  for (const [index, item] of outputOf(reply, number).entries()) {
    yield { type: 'response.output_item.added', output_index: index, item };
    const place = { item_id: item.id, output_index: index, content_index: 0 };
    if (item.id === `msg_${number}`) {
      for await (const delta of speak(reply.text, reply)) {
        yield { type: 'response.output_text.delta', ...place, delta };
      }
      if (reply.refusal !== undefined)
        yield { type: 'response.refusal.delta', ...place, delta: reply.refusal };
    }
    if (pace > 0) await sleep(pace);
    yield { type: 'response.output_item.done', output_index: index, item };
  }
  breakOff(reply);
  yield end;
}

const REASONS = { length: 'max_output_tokens', content_filter: 'content_filter' } as const;

/** The last event of a stream, with the whole answer. */
function answerOf(reply: Reply, number: number) {
  const { finish } = reply;
  const response = {
    id: `resp_${number}`,
    object: 'response',
    created_at: 1,
    model: 'strict',
    output: outputOf(reply, number),
    usage: USAGE,
    error: null,
    incomplete_details: null,
  };
  if (finish === undefined)
    return { type: 'response.completed', response: { ...response, status: 'completed' } };
  if (finish === 'error') {
    const error = { code: 'server_error', message: 'The model failed.' };
    return { type: 'response.failed', response: { ...response, status: 'failed', error } };
  }
  const details = { reason: REASONS[finish] };
  return {
    type: 'response.incomplete',
    response: { ...response, status: 'incomplete', incomplete_details: details },
  };
}

function outputOf(reply: Reply, number: number): ApiItem[] {
  const { reasoning, reasoningContent, text, refusal, calls = [], raw = [], finish } = reply;
  const status = finish === undefined ? 'completed' : 'incomplete';
  const thought = {
    id: `rs_${number}`,
    type: 'reasoning',
    summary: reasoning === undefined ? [] : [{ type: 'summary_text', text: reasoning }],
    ...(reasoningContent === undefined
      ? {}
      : { content: [{ type: 'reasoning_text', text: reasoningContent }] }),
  };
  const content = [
    ...(text === undefined ? [] : [{ type: 'output_text', text, annotations: [] }]),
    ...(refusal === undefined ? [] : [{ type: 'refusal', refusal }]),
  ];
  return [
    ...(reasoning === undefined && reasoningContent === undefined ? [] : [thought]),
    ...(content.length === 0
      ? []
      : [{ id: `msg_${number}`, type: 'message', role: 'assistant', status, content }]),
    ...calls.map(({ name, args, id }, index) => ({
      id: `fc_${number}_${index}`,
      type: 'function_call',
      status: 'completed',
      call_id: id ?? `call_${number}_${index}`,
      name,
      arguments: JSON.stringify(args),
    })),
    ...raw,
  ];
}
