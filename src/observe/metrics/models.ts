import { FIRST_TOKENS, MODEL_CALLS, TOOLS } from '../../channels.ts';
import { follow, receive, type Stop } from '../follow.ts';
import { Names } from '../names.ts';
import { LONG, type Maker, SHORT, secondsSince } from './maker.ts';

const MAX_MODELS = 50;
const MAX_TOOLS = 200;

export function collectModels(maker: Maker): Stop[] {
  const { client, registers } = maker;
  const models = new Names(MAX_MODELS);
  const seconds = new client.Histogram({
    name: 'questlog_model_call_seconds',
    help: 'How long a call of a model took until its answer was whole, or it failed',
    labelNames: ['model', 'outcome'],
    buckets: LONG,
    registers,
  });
  const firstToken = new client.Histogram({
    name: 'questlog_model_first_token_seconds',
    help: 'From the call of a model to the first piece of its answer',
    labelNames: ['model'],
    buckets: LONG,
    registers,
  });
  const tokens = new client.Counter({
    name: 'questlog_model_tokens_total',
    help: 'Tokens of answers that came whole, as the provider counts them',
    labelNames: ['model', 'direction'],
    registers,
  });
  const began = new WeakMap<object, number>();
  const followed = follow(
    MODEL_CALLS,
    (call) => {
      began.set(call, performance.now());
      return performance.now();
    },
    (call, from) => {
      const model = models.of(call.model);
      const outcome = call.error === undefined ? 'answered' : 'failed';
      seconds.observe({ model, outcome }, secondsSince(from));
      if (call.tokens === undefined) return;
      tokens.inc({ model, direction: 'input' }, call.tokens.inputTokens);
      tokens.inc({ model, direction: 'output' }, call.tokens.outputTokens);
    },
  );
  const received = receive(FIRST_TOKENS, (message) => {
    const from = began.get(message);
    if ('model' in message && from !== undefined)
      firstToken.observe({ model: models.of(message.model) }, secondsSince(from));
  });
  return [followed, received, collectTools(maker)];
}

function collectTools({ client, registers }: Maker): Stop {
  const tools = new Names(MAX_TOOLS);
  const seconds = new client.Histogram({
    name: 'questlog_tool_seconds',
    help: 'How long a tool took; failed: it threw what its own error handling did not take',
    labelNames: ['tool', 'outcome'],
    buckets: SHORT,
    registers,
  });
  return follow(
    TOOLS,
    () => performance.now(),
    ({ tool, error }, began) =>
      seconds.observe(
        { tool: tools.of(tool), outcome: error === undefined ? 'done' : 'failed' },
        secondsSince(began),
      ),
  );
}
