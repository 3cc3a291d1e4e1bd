import {
  type AgentInputItem,
  type Model,
  type ModelRequest,
  type ModelResponse,
  type StreamEvent,
  UserError,
} from '@openai/agents-core';
import { begin, MODEL_CALLS, type ModelCallActivity, trace } from '../../channels.ts';
import { QuestlogError } from '../../errors.ts';
import { toCallPart, UniqueIds } from '../../session/calls.ts';
import { findTurns } from '../../session/turns.ts';
import { apiOf, toModelInput } from '../model-input/model-input.ts';
import { toPlainItems } from '../model-input/plain.ts';
import { toRunFailure } from '../outcome/failure.ts';
import type { CountedCalls } from '../usage/counted-calls.ts';
import { nameOf } from '../usage/read-tokens.ts';
import { AnswerReader, type Incomplete } from './answer-reader.ts';
import { AnswerStream } from './answer-stream.ts';
import { CallIds } from './call-ids.ts';
import type { ModelInterceptor } from './model-wrapper.ts';
import { TracedAnswer } from './traced-answer.ts';

export interface ModelCallsOptions {
  /** The input of the run: what stands before it in a request is history. */
  readonly input: readonly AgentInputItem[];
  /** What the run has made before it paused: its calls have their ids already. */
  readonly made: readonly AgentInputItem[];
  /** Whether turns are left out when the provider says that a request is too long. */
  readonly halvesHistory: boolean;
  /** Persists before dispatch: no tool is executed whose call is lost afterwards. */
  readonly persist: (answer: readonly AgentInputItem[]) => Promise<void>;
  /** Backpressure: until when the models wait; undefined while they need not. */
  readonly waitForRoom: () => Promise<void> | undefined;
  /** Counts all calls, those of nested agents too. */
  readonly counted: CountedCalls;
}

/**
 * The calls of a run's models: they are asked what their API takes, and what they answer is stored before the SDK acts on
 * it. Calls of nested agents are not the run's own: they are counted, and nothing of them is stored or asked again.
 */
export class ModelCalls implements ModelInterceptor {
  readonly #options: ModelCallsOptions;
  readonly #ids = new UniqueIds();
  #isOwn = false;
  #hasAnswered = false;
  #isRefused = false;
  #keptTurns = Number.POSITIVE_INFINITY;
  #isPlain = false;
  #omittedTurns = 0;
  #incomplete: Incomplete | null = null;

  constructor(options: ModelCallsOptions) {
    this.#options = options;
    for (const item of options.made) this.#ids.add(toCallPart(item)?.id ?? '');
  }

  /** How many turns of the history the model did not get, because they did not fit. */
  get omittedTurns(): number {
    return this.#omittedTurns;
  }

  /** Why the last answer is not whole; null when it is. */
  get incomplete(): Incomplete | null {
    return this.#incomplete;
  }

  /** Whether a model has failed to answer at all, and it was this run's: not one that a guardrail asks. */
  get hasNoAnswer(): boolean {
    return this.#isRefused && !this.#hasAnswered;
  }

  /** The next call is the run's own, until it is answered. */
  begin(): void {
    this.#isOwn = true;
  }

  respond(model: Model, request: ModelRequest, asked: string | undefined): Promise<ModelResponse> {
    return trace(MODEL_CALLS, activityOf(model, asked), async (call) => {
      const callIds = this.#makeCallIds(request);
      const input = this.#toInput(model, request.input);
      const response = await this.#options.counted.respond(model, asked, { ...request, input });
      if (call !== undefined) call.tokens = response.usage;
      return { ...response, output: callIds.finish(response.output) };
    });
  }

  stream(model: Model, request: ModelRequest, asked: string | undefined): AsyncIterable<StreamEvent> {
    const isOwn = this.#isOwn;
    const { waitForRoom, counted } = this.#options;
    const open = () => model.getStreamedResponse({ ...request, input: this.#toInput(model, request.input) });
    const finish = async (
      { output }: { readonly output: AgentInputItem[] },
      incomplete: Incomplete | null,
    ) => {
      if (!isOwn) return counted.flush();
      // The SDK would ask again until its turns are used up.
      if (output.every(({ type }) => type === 'reasoning')) {
        throw new QuestlogError('model_failed', 'the model answered with nothing');
      }
      this.#isOwn = false;
      this.#hasAnswered = true;
      this.#incomplete = incomplete;
      // At the same time; what was used is stored, or cannot be, before the run can fail.
      const [answer, usage] = await Promise.allSettled([this.#options.persist(output), counted.flush()]);
      for (const done of [answer, usage]) if (done.status === 'rejected') throw done.reason;
    };
    const makeReader = () => new AnswerReader(this.#makeCallIds(request));
    const adapt = (error: unknown) => {
      if (!isOwn) return false;
      const isChanged = this.#adapt(error, model, request.input);
      this.#isRefused = !isChanged;
      return isChanged;
    };
    const answer = () =>
      new AnswerStream({
        begin: () => counted.begin(model, asked),
        open,
        makeReader,
        adapt,
        waitForRoom,
        finish,
      });
    return {
      [Symbol.asyncIterator]: () => {
        const call = begin(MODEL_CALLS, activityOf(model, asked));
        return call === undefined ? answer() : new TracedAnswer(answer, call);
      },
    };
  }

  /** Changes what the model is asked after this failure; false when there is nothing to change. */
  #adapt(error: unknown, model: Model, input: ModelRequest['input']): boolean {
    if (typeof input === 'string') return false;
    const { code } = toRunFailure(error);
    if (code === 'context_too_long' && this.#options.halvesHistory) return this.#halveHistory(input);
    // It may be for what was said before.
    if (code === 'model_content_filtered') return this.#halveHistory(input);
    // It may be for something in the history: a picture that is none, reasoning that the provider has lost.
    const isRefused = code === 'model_input_refused' || error instanceof UserError;
    if (this.#isPlain || !isRefused) return false;
    const asked = describe(this.#toInput(model, input));
    this.#isPlain = true;
    return describe(this.#toInput(model, input)) !== asked;
  }

  #halveHistory(input: readonly AgentInputItem[]): boolean {
    const turns = findTurns(this.#split(input)[0]).length;
    const kept = Math.min(turns, this.#keptTurns);
    if (kept === 0) return false;
    this.#keptTurns = Math.floor(kept / 2);
    this.#omittedTurns = turns - this.#keptTurns;
    return true;
  }

  #toInput(model: Model, input: ModelRequest['input']): ModelRequest['input'] {
    if (typeof input === 'string') return input;
    const api = apiOf(model);
    if (this.#keptTurns === Number.POSITIVE_INFINITY && !this.#isPlain) return toModelInput(input, api);
    const [history, rest] = this.#split(input);
    const beginnings = findTurns(history);
    const kept = history.slice(
      beginnings[Math.max(0, beginnings.length - this.#keptTurns)] ?? history.length,
    );
    return toModelInput([...(this.#isPlain ? toPlainItems(kept) : kept), ...rest], api);
  }

  /** The history, and what begins with the run's input; of a run that goes on, with the last message of the user. */
  #split(
    input: readonly AgentInputItem[],
  ): [history: readonly AgentInputItem[], rest: readonly AgentInputItem[]] {
    const own = findSequence(input, this.#options.input);
    const place = own >= 0 ? own : input.findLastIndex((item) => 'role' in item && item.role === 'user');
    const start = place < 0 ? input.length : place;
    return [input.slice(0, start), input.slice(start)];
  }

  #makeCallIds({ input }: ModelRequest): CallIds {
    for (const item of typeof input === 'string' ? [] : input) {
      const part = toCallPart(item);
      if (part !== undefined) this.#ids.add(part.id);
    }
    return new CallIds(this.#ids);
  }
}

/** A model without a name is told of by its class. */
function activityOf(model: Model, asked: string | undefined): () => ModelCallActivity {
  return () => ({ model: asked || (nameOf(model) ?? model.constructor.name) });
}

/** What a provider gets of items, but for what says nothing to it. */
function describe(input: ModelRequest['input']): string {
  return JSON.stringify(input, (name, value: unknown) => (NAMES_LEFT_OUT.has(name) ? undefined : value));
}

const NAMES_LEFT_OUT: ReadonlySet<string> = new Set(['id', 'providerData', 'status', 'type']);

/** Where the last items like these begin, one after the other; -1 when they do not. */
function findSequence(items: readonly AgentInputItem[], wanted: readonly AgentInputItem[]): number {
  if (wanted.length === 0) return -1;
  const texts = items.map((item) => JSON.stringify(item));
  const sought = wanted.map((item) => JSON.stringify(item));
  return texts.findLastIndex((_, place) => sought.every((text, index) => texts[place + index] === text));
}
