import type { StreamEvent } from '@openai/agents-core';
import { type Begun, FIRST_TOKENS, type ModelCallActivity } from '../../channels.ts';
import { QuestlogError } from '../../errors.ts';
import { AnswerReader } from './answer-reader.ts';

type Next = IteratorResult<StreamEvent>;

/** The stream of an answer that somebody listens to the course of. */
export class TracedAnswer implements AsyncIterator<StreamEvent> {
  readonly #answer: AsyncIterator<StreamEvent>;
  readonly #call: Begun<ModelCallActivity>;
  #hasBegun = false;

  constructor(answer: () => AsyncIterator<StreamEvent>, call: Begun<ModelCallActivity>) {
    this.#call = call;
    this.#answer = call.run(answer);
  }

  next(): Promise<Next> {
    return this.#call.run(() => this.#answer.next()).then(this.#onNext, this.#onFailure);
  }

  async return(): Promise<Next> {
    this.#call.end(givenUp());
    return (await this.#answer.return?.()) ?? { done: true, value: undefined };
  }

  readonly #onNext = (next: Next): Next => {
    if (next.done) {
      this.#call.end(givenUp());
      return next;
    }
    const event = next.value;
    if (!this.#hasBegun && !AnswerReader.isBeginning(event)) {
      this.#hasBegun = true;
      FIRST_TOKENS.publish(this.#call.message);
    }
    if (event.type === 'response_done') {
      this.#call.message.tokens = event.response.usage;
      this.#call.end();
    }
    return next;
  };

  readonly #onFailure = (error: unknown): never => {
    this.#call.end({ error });
    throw error;
  };
}

/** Of a call whose answer has not come to its end by then. */
function givenUp(): { readonly error: QuestlogError } {
  return { error: new QuestlogError('run_cancelled', 'the answer was not waited for') };
}
