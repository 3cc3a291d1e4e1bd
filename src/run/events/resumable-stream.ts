import type { EventPage } from '../../store/runs/run-events.ts';

/** UTF-16 units of stored events that stay in memory, for consumers that are nearly up to date. */
const MAX_CACHED_LENGTH = 250_000;
/** Events of one read: a slow consumer holds no more of them than these. */
const PAGE_EVENTS = 50;
/** Events, and UTF-16 units, that go to the database at once, unless one event alone has more. */
const MAX_BATCH_EVENTS = 1_000;
const MAX_BATCH_LENGTH = 250_000;
/** UTF-16 units that wait for the database before the producer does. */
const MAX_UNSTORED_LENGTH = 1_000_000;

/** Consecutive events that are not in the database yet: `texts[0]` has the number `first`. */
export interface UnstoredEvents {
  readonly first: number;
  readonly texts: readonly string[];
}

/**
 * The events of one run in the process that makes them: one producer, any number of consumers, each at its own pace,
 * each able to resume after any event.
 */
export class ResumableStream {
  /** The number of `#texts[0]`. */
  #first: number;
  #stored: number;
  /** UTF-16 units of the events that are here and in the database. */
  #cachedLength = 0;
  /** UTF-16 units of the events that are only here. */
  #unstoredLength = 0;
  readonly #texts: string[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #producers: (() => void)[] = [];
  #ended = false;
  #broken = false;

  /** @param last the number of the last event that is in the database already. */
  constructor(last = 0) {
    this.#first = last + 1;
    this.#stored = last;
  }

  /** The number of the newest event; 0 before the first. */
  get last(): number {
    return this.#first + this.#texts.length - 1;
  }

  get ended(): boolean {
    return this.#ended && !this.#broken;
  }

  /** Adds an event. After the end it adds nothing: a tool that was not waited for may still run. */
  append(event: unknown): void {
    if (this.#ended) return;
    const text = JSON.stringify(event);
    this.#texts.push(text);
    this.#unstoredLength += text.length;
    this.wakeConsumers();
  }

  /** Backpressure: waits until the database has taken what is too much to keep. Undefined while there is room. */
  waitForRoom(): Promise<void> | undefined {
    if (this.#ended || this.#unstoredLength < MAX_UNSTORED_LENGTH) return undefined;
    return new Promise((resolve) => this.#producers.push(resolve));
  }

  /** The events that are not in the database yet. */
  getUnstored(): UnstoredEvents {
    const first = this.#stored + 1;
    return { first, texts: this.#texts.slice(first - this.#first) };
  }

  /** The first of them, as many as go to the database at once. */
  getBatch(): UnstoredEvents & { readonly length: number } {
    const { first, texts } = this.getUnstored();
    let length = 0;
    let count = 0;
    for (const text of texts) {
      if (count === MAX_BATCH_EVENTS || (count > 0 && length + text.length > MAX_BATCH_LENGTH)) break;
      length += text.length;
      count += 1;
    }
    return { first, texts: texts.slice(0, count), length };
  }

  /** Marks the next `count` events as being in the database. */
  markStored(count: number): void {
    const place = this.#stored + 1 - this.#first;
    const length = this.#texts.slice(place, place + count).reduce((sum, text) => sum + text.length, 0);
    this.#cachedLength += length;
    this.#unstoredLength -= length;
    this.#stored += count;
    if (this.#cachedLength >= 2 * MAX_CACHED_LENGTH) this.#trim();
    if (this.#unstoredLength < MAX_UNSTORED_LENGTH) this.#wakeProducers();
  }

  /**
   * Ends the stream: consumers end when they have read all.
   *
   * @param broken the run goes on or was ended elsewhere: the rest is in the database.
   */
  end(broken = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#broken = broken;
    this.wakeConsumers();
    this.#wakeProducers();
  }

  /** Reads the next events after a number; undefined when some of them are only in the database any more. */
  readPageAfter(id: number): EventPage | undefined {
    if (id + 1 < this.#first) return undefined;
    if (this.#broken && id + 1 >= this.#first + this.#texts.length) return undefined;
    const place = id + 1 - this.#first;
    const texts = this.#texts.slice(place, place + PAGE_EVENTS);
    const events = texts.map((text, index) => ({ id: id + 1 + index, text }));
    return { events, over: this.ended && events.length === 0 };
  }

  /** Waits until there may be something new, or `wakeConsumers` is called. */
  waitForChange(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the waiting consumers read again. */
  wakeConsumers(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #wakeProducers(): void {
    for (const resolve of this.#producers.splice(0)) resolve();
  }

  /** Rarely, so that it need not cost much. */
  #trim(): void {
    let count = 0;
    for (const text of this.#texts) {
      if (this.#cachedLength <= MAX_CACHED_LENGTH) break;
      this.#cachedLength -= text.length;
      count += 1;
    }
    this.#texts.splice(0, count);
    this.#first += count;
  }
}
