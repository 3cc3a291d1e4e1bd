import type { StreamEvent } from '@openai/agents-core';
import type { CountedCall } from '../usage/counted-calls.ts';
import { AnswerReader, type Done, type Incomplete } from './answer-reader.ts';

export interface AnswerSource {
  /** Resolves when the model may be asked. */
  begin(): Promise<CountedCall>;
  /** Asks the model: again after a failure that `adapt` has dealt with. */
  open(): AsyncIterable<StreamEvent>;
  makeReader(): AnswerReader;
  /** Whether to ask again after this failure, which came before the model had said anything. */
  adapt(error: unknown): boolean;
  /** Whether and until when the model waits for what it has said to be stored. */
  waitForRoom(): Promise<void> | undefined;
  /** Takes the whole answer before the SDK does. */
  finish(answer: Done['response'], incomplete: Incomplete | null): Promise<void>;
}

/**
 * The stream of one answer. What comes before the model says something is held back: until then it can be asked again.
 * Not a generator: what a token passes on its way to the client is most of what a stream costs.
 */
export class AnswerStream implements AsyncIterator<StreamEvent> {
  readonly #source: AnswerSource;
  #call: CountedCall | undefined;
  #iterator: AsyncIterator<StreamEvent> | undefined;
  #reader: AnswerReader;
  #held: StreamEvent[] | undefined;
  #isOver = false;

  constructor(source: AnswerSource) {
    this.#source = source;
    this.#reader = source.makeReader();
  }

  next(): Promise<IteratorResult<StreamEvent>> {
    if (this.#isOver) return this.return();
    if (this.#held === undefined) return this.#begin().then(() => this.next());
    const held = this.#held.shift();
    if (held !== undefined) return Promise.resolve(this.#deliver(held));
    const room = this.#source.waitForRoom();
    if (room !== undefined) return room.then(() => this.next());
    return this.#read().then(
      (next) => (next.done ? this.#end(next) : this.#deliver(next.value)),
      (error: unknown) => {
        this.#call?.end();
        throw error;
      },
    );
  }

  async return(): Promise<IteratorResult<StreamEvent>> {
    this.#call?.end();
    return (await this.#iterator?.return?.()) ?? { done: true, value: undefined };
  }

  async #begin(): Promise<void> {
    for (;;) {
      this.#call = await this.#source.begin();
      try {
        this.#iterator = this.#source.open()[Symbol.asyncIterator]();
        this.#held = await this.#readBeginning();
        return;
      } catch (error) {
        await this.return();
        if (!this.#source.adapt(error)) throw error;
        this.#iterator = undefined;
        this.#reader = this.#source.makeReader();
      }
    }
  }

  async #readBeginning(): Promise<StreamEvent[]> {
    const events: StreamEvent[] = [];
    for (;;) {
      const next = await this.#read();
      if (next.done) return events;
      this.#call?.see(next.value);
      events.push(next.value);
      // A failure that the stream tells of is one like those that its client throws.
      if (!AnswerReader.isBeginning(next.value)) {
        AnswerReader.assertNoFailure(next.value);
        return events;
      }
    }
  }

  #end(result: IteratorResult<StreamEvent>): IteratorResult<StreamEvent> {
    this.#call?.end();
    return result;
  }

  #read(): Promise<IteratorResult<StreamEvent>> {
    return (this.#iterator as AsyncIterator<StreamEvent>).next();
  }

  /** Waits for nothing but the end of the answer. */
  #deliver(event: StreamEvent): IteratorResult<StreamEvent> | Promise<IteratorResult<StreamEvent>> {
    try {
      this.#call?.see(event);
      const value = this.#reader.read(event);
      if (value.type !== 'response_done') return { done: false, value };
      // An incomplete answer's stream goes on with a failure.
      this.#call?.end();
      this.#isOver = event.type !== 'response_done';
      return this.#finish(value);
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #finish(value: Done): Promise<IteratorResult<StreamEvent>> {
    try {
      await this.#source.finish(value.response, this.#reader.incomplete);
      return { done: false, value };
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }
}
