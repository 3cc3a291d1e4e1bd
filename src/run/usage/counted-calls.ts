import type { Model, ModelRequest, ModelResponse, StreamEvent } from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';
import { isRecord, nameOf, readTokens, toName } from './read-tokens.ts';
import type { UsageCounter } from './usage-counter.ts';
import type { UsageGate } from './usage-limits.ts';

export interface CountedCallsOptions {
  readonly userId: string;
  readonly counter: UsageCounter;
  readonly gate: UsageGate;
}

/** The calls of a run's models, counted: each begins where the limits let it, and is stored before the SDK acts on it. */
export class CountedCalls {
  readonly #options: CountedCallsOptions;
  readonly #open = new Set<CountedCall>();
  #isClosed = false;

  constructor(options: CountedCallsOptions) {
    this.#options = options;
  }

  /**
   * @param asked the name by which the model was asked for.
   * @throws QuestlogError `usage_limit`: the model is not to be called.
   */
  async begin(model: Model, asked: string | undefined): Promise<CountedCall> {
    const { userId, counter, gate } = this.#options;
    const leave = await gate.enter(userId);
    const call: CountedCall = new CountedCall(toName(asked) ?? nameOf(model), counter, () => {
      this.#open.delete(call);
      leave();
    });
    this.#open.add(call);
    // It has waited for longer than its run.
    if (!this.#isClosed) return call;
    call.end();
    throw new QuestlogError('run_interrupted', 'the run is over');
  }

  /** Asks a model for a whole answer. */
  async respond(model: Model, asked: string | undefined, request: ModelRequest): Promise<ModelResponse> {
    const call = await this.begin(model, asked);
    try {
      const response = await model.getResponse(request);
      call.answer(response);
      await this.flush();
      return response;
    } finally {
      call.end();
    }
  }

  /** Waits until what was used is stored. @throws QuestlogError when it could not be. */
  flush(): Promise<void> {
    return this.#options.counter.flush();
  }

  /** Counts what the run does not wait for any longer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.#open]) call.end();
    await this.flush().catch(() => undefined);
  }
}

/** A call of a model, from before it until its end, however that comes. */
export class CountedCall {
  readonly #asked: string | undefined;
  readonly #counter: UsageCounter;
  readonly #onEnd: () => void;
  #answered: string | undefined;
  #usage: unknown;
  #hasBegun = false;
  #isOver = false;

  constructor(asked: string | undefined, counter: UsageCounter, onEnd: () => void) {
    this.#asked = asked;
    this.#counter = counter;
    this.#onEnd = onEnd;
  }

  /** Looks at an event of the answer. Some providers say in each chunk what was used until then. */
  see(event: StreamEvent): void {
    this.#hasBegun = true;
    if (event.type === 'response_done') {
      this.#use(event.response.usage);
      this.end();
    } else if (event.type === 'model' && isRecord(event.event)) {
      const { response, usage, model } = event.event;
      const whole = isRecord(response) ? response : undefined;
      this.#use(usage ?? whole?.usage);
      this.#answered ??= toName(model ?? whole?.model);
    }
  }

  answer({ usage, providerData }: ModelResponse): void {
    this.#hasBegun = true;
    this.#use(usage);
    this.#answered = toName(providerData?.model);
  }

  /** What has not begun was not used. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#hasBegun) return this.#onEnd();
    const [asked, answered] = [this.#asked, this.#answered];
    void this.#counter
      .count({ asked, answered, tokens: readTokens(this.#usage) })
      .finally(() => this.#onEnd());
  }

  #use(usage: unknown): void {
    if (readTokens(usage) !== undefined) this.#usage = usage;
  }
}
