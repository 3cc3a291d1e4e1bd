import type { Model, ModelRequest, ModelResponse, StreamEvent } from '@openai/agents-core';
import { QuestlogError } from '../../errors.ts';
import { mendUsage } from './mend-usage.ts';
import { addTokens, isRecord, nameOf, readTokens, subtractTokens, toCount, toName } from './read-tokens.ts';
import { NO_TOKENS, type UsageCounter, type UsedModel } from './usage-counter.ts';
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
  #counted = { requests: 0, tokens: NO_TOKENS };
  #isClosed = false;

  constructor(options: CountedCallsOptions) {
    this.#options = options;
  }

  /** Of a run that goes on: what the SDK says of its earlier parts is counted. */
  goOnFrom(usage: unknown): void {
    this.#add({ tokens: readTokens(usage), requests: requestsOf(usage) });
  }

  /**
   * @param asked the name by which the model was asked for.
   * @throws QuestlogError `usage_limit`: the model is not to be called.
   */
  async begin(model: Model, asked: string | undefined): Promise<CountedCall> {
    const leave = await this.#options.gate.enter(this.#options.userId);
    // It has waited for longer than its run.
    if (this.#isClosed) {
      leave();
      throw new QuestlogError('run_interrupted', 'the run is over');
    }
    const call: CountedCall = new CountedCall(toName(asked) ?? nameOf(model), (used) => {
      this.#open.delete(call);
      if (used === undefined) leave();
      else void this.#count(used).finally(leave);
    });
    this.#open.add(call);
    return call;
  }

  /** Asks a model for a whole answer. */
  async respond(model: Model, asked: string | undefined, request: ModelRequest): Promise<ModelResponse> {
    const call = await this.begin(model, asked);
    try {
      const response = await model.getResponse(request);
      call.answer(response);
      return { ...response, usage: mendUsage(response.usage) };
    } finally {
      call.end();
      await this.flush();
    }
  }

  /** Waits until what was used is stored. @throws QuestlogError when it could not be. */
  flush(): Promise<void> {
    return this.#options.counter.flush();
  }

  /**
   * Counts what the SDK knows of beside the calls that were seen here: an agent that is a tool and has a model object of its own
   * asks it by itself.
   */
  reconcile(usage: unknown): void {
    const tokens = subtractTokens(readTokens(usage) ?? NO_TOKENS, this.#counted.tokens);
    if (tokens.total === 0) return;
    const requests = Math.max(1, requestsOf(usage) - this.#counted.requests);
    void this.#count({ asked: undefined, answered: undefined, tokens, requests });
  }

  /** Counts what the run does not wait for any longer. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.#open]) call.end();
    await this.flush().catch(() => undefined);
  }

  #count(used: UsedModel): Promise<void> {
    this.#add(used);
    return this.#options.counter.count(used);
  }

  #add({ tokens = NO_TOKENS, requests = 1 }: Pick<UsedModel, 'tokens' | 'requests'>): void {
    const counted = this.#counted;
    this.#counted = {
      requests: counted.requests + requests,
      tokens: addTokens(counted.tokens, tokens),
    };
  }
}

function requestsOf(usage: unknown): number {
  return isRecord(usage) ? toCount(usage.requests) : 0;
}

/** A call of a model, from before it until its end, however that comes. */
export class CountedCall {
  readonly #asked: string | undefined;
  readonly #onEnd: (used: UsedModel | undefined) => void;
  #answered: string | undefined;
  #usage: unknown;
  #hasBegun = false;
  #isOver = false;

  /** @param onEnd gets what was used: nothing of a call that was not begun to be answered. */
  constructor(asked: string | undefined, onEnd: (used: UsedModel | undefined) => void) {
    this.#asked = asked;
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

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [asked, answered] = [this.#asked, this.#answered];
    this.#onEnd(this.#hasBegun ? { asked, answered, tokens: readTokens(this.#usage) } : undefined);
  }

  #use(usage: unknown): void {
    if (readTokens(usage) !== undefined) this.#usage = usage;
  }
}
