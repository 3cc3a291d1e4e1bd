import type * as otel from '@opentelemetry/api';
import type { Attributes, Context, Span, SpanContext } from '@opentelemetry/api';
import {
  type Activity,
  type ActivityChannel,
  FIRST_TOKENS,
  FOLLOW_UPS,
  MODEL_CALLS,
  REQUESTS,
  RUNS,
  STATEMENTS,
  TASKS,
  TOOLS,
} from '../channels.ts';
import { type Checks, checkOptions } from '../options.ts';
import { codeOf, follow, receive, type Stop } from './follow.ts';
import { toName } from './names.ts';

/** The module `@opentelemetry/api`, as far as it is used. */
export type OpenTelemetry = Pick<
  typeof otel,
  'context' | 'propagation' | 'trace' | 'ROOT_CONTEXT' | 'SpanKind' | 'SpanStatusCode' | 'createContextKey'
>;

/** Where the spans of this process go. */
export interface SpanOptions {
  /** The module itself: `import * as api from '@opentelemetry/api'`. Its global provider gets the spans. */
  readonly api: OpenTelemetry;
}

const OPTIONS: Checks<SpanOptions> = {
  api: (value) => {
    const { context, propagation, trace } = Object(value) as Partial<OpenTelemetry>;
    return context && propagation && trace ? undefined : "must be the module '@opentelemetry/api'";
  },
};

/**
 * Makes spans of what Questlog does in this process, from now on: request, run, model call, tool, statement. They hold ids,
 * names and numbers, and no content.
 *
 * @returns what ends it.
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 *
 * @example
 * import * as api from '@opentelemetry/api';
 * traceSpans({ api });
 */
export function traceSpans(options: SpanOptions): () => void {
  checkOptions(options, OPTIONS);
  const spans = new Spans(options.api);
  const { SERVER, INTERNAL, CLIENT } = options.api.SpanKind;
  const stops = [
    spans.of(REQUESTS, SERVER, ({ method, route }) => `${method} ${route ?? ''}`.trim(), {
      start: ({ id, method, route }) => ({
        'http.request.method': method,
        'questlog.request_id': id,
        ...(route === undefined ? {} : { 'http.route': route }),
      }),
      end: ({ status, code }) => ({
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
        ...(code === undefined ? {} : { 'error.type': code }),
      }),
      sentIn: ({ traceContext }) => traceContext,
    }),
    spans.of(RUNS, INTERNAL, ({ agent }) => `invoke_agent ${toName(agent)}`, {
      start: ({ agent, runId, chatId }) => ({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': toName(agent),
        'questlog.run_id': runId,
        ...(chatId === null ? {} : { 'gen_ai.conversation.id': chatId }),
      }),
      end: ({ status = 'failed' }) => ({ 'questlog.run_status': status }),
      calls: 'begin',
    }),
    spans.of(MODEL_CALLS, CLIENT, ({ model }) => `chat ${toName(model)}`, {
      start: ({ model }) => ({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': toName(model) }),
      end: ({ tokens }): Attributes =>
        tokens === undefined
          ? {}
          : {
              'gen_ai.usage.input_tokens': tokens.inputTokens,
              'gen_ai.usage.output_tokens': tokens.outputTokens,
            },
      calls: 'add',
    }),
    spans.of(TOOLS, INTERNAL, ({ tool }) => `execute_tool ${toName(tool)}`, {
      start: ({ tool }) => ({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': toName(tool) }),
      calls: 'link',
    }),
    spans.of(FOLLOW_UPS, INTERNAL, ({ name }) => name, {}),
    spans.of(STATEMENTS, CLIENT, ({ name }) => toName(name), {
      start: ({ name }) => ({ 'db.system.name': 'postgresql', 'db.operation.name': toName(name) }),
      isPart: true,
    }),
    spans.detachTasks(),
    spans.markFirstTokens(),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

interface Describe<Message> {
  readonly start?: (message: Message) => Attributes;
  readonly end?: (message: Message) => Attributes;
  /** The trace in which it was sent here, for a propagator. */
  readonly sentIn?: (message: Message) => object | undefined;
  /** It is told of as a part of something alone: no trace consists of one statement. */
  readonly isPart?: boolean;
  /** What it is to the calls of models in a run, the last of which its tools link to. */
  readonly calls?: 'begin' | 'add' | 'link';
}

class Spans {
  readonly #api: OpenTelemetry;
  readonly #spans = new WeakMap<Activity, Span>();
  /** Of a run: the call of a model that was the last. */
  readonly #lastCall: symbol;

  constructor(api: OpenTelemetry) {
    this.#api = api;
    this.#lastCall = api.createContextKey('questlog.last-call');
  }

  of<Message extends Activity>(
    channel: ActivityChannel<Message>,
    kind: number,
    nameOf: (message: Message) => string,
    { start, end, sentIn, isPart = false, calls }: Describe<Message>,
  ): Stop {
    const { context, trace, SpanStatusCode } = this.#api;
    const begin = (message: Message): Span | undefined => {
      const parent = this.#parentOf(sentIn?.(message));
      if (isPart && trace.getSpan(parent) === undefined) return undefined;
      const call = this.#callOf(parent);
      const links = calls === 'link' && call?.span ? [{ context: call.span }] : [];
      const attributes = start?.(message) ?? {};
      const span = trace
        .getTracer('questlog')
        .startSpan(nameOf(message), { kind, attributes, links }, parent);
      if (calls === 'add' && call !== undefined) call.span = span.spanContext();
      const own = calls === 'begin' ? parent.setValue(this.#lastCall, {}) : parent;
      const within = trace.setSpan(own, span);
      message.within = (work) => context.with(within, work);
      this.#spans.set(message, span);
      return span;
    };
    return follow(channel, begin, (message, span) => {
      const code = codeOf(message);
      span?.setAttributes({ ...end?.(message), ...(code === undefined ? {} : { 'error.type': code }) });
      if (code !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end();
    });
  }

  /** Work of no one request is in no trace, wherever it was begun. */
  detachTasks(): Stop {
    const { context, ROOT_CONTEXT } = this.#api;
    return receive(TASKS.start, (message) => {
      message.within = (work) => context.with(ROOT_CONTEXT, work);
    });
  }

  markFirstTokens(): Stop {
    return receive(FIRST_TOKENS, (message) => this.#spans.get(message)?.addEvent('first_token'));
  }

  /** What is active here comes before what a client says: it may be the span of an instrumentation that has read the same. */
  #parentOf(carrier: object | undefined): Context {
    const { context, propagation, trace } = this.#api;
    const active = context.active();
    return carrier === undefined || trace.getSpan(active) !== undefined
      ? active
      : propagation.extract(active, carrier);
  }

  #callOf(context: Context): { span?: SpanContext } | undefined {
    return context.getValue(this.#lastCall) as { span?: SpanContext } | undefined;
  }
}
