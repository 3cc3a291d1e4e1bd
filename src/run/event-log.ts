import { EventEmitter, once } from 'node:events';

/** An event and its number within the run, from 1. */
export interface NumberedEvent<Event> {
  readonly id: number;
  readonly event: Event;
}

/** The events of one run: one writer, any number of readers, each at its own pace. */
export class EventLog<Event> {
  readonly #events: Event[] = [];
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #ended = false;

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  /** After the end, nothing is added: a tool that nobody waited for may still speak. */
  append(event: Event): void {
    if (this.#ended) return;
    this.#events.push(event);
    this.#emitter.emit('change');
  }

  /** No event comes after this: readers end when they have read all. */
  end(): void {
    this.#ended = true;
    this.#emitter.emit('change');
  }

  /** The events after number `after`, those to come included. */
  async *read(after = 0): AsyncGenerator<NumberedEvent<Event>> {
    for (let index = after; ; index++) {
      while (index >= this.#events.length) {
        if (this.#ended) return;
        await once(this.#emitter, 'change');
      }
      yield { id: index + 1, event: this.#events[index] as Event };
    }
  }
}
