import type { EventPage } from '../../store/runs/run-events.ts';

/** UTF-16 units of stored events that stay in memory, for consumers that are nearly up to date. */
const MAX_CACHED_LENGTH = 250_000;
/** Events of one read: a slow consumer holds no more of them than these. */
const PAGE_EVENTS = 50;

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
  readonly #texts: string[] = [];
  readonly #waiting: (() => void)[] = [];
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
    this.#texts.push(JSON.stringify(event));
    this.wakeConsumers();
  }

  /** The events that are not in the database yet. */
  getUnstored(): { readonly first: number; readonly texts: readonly string[] } {
    const first = this.#stored + 1;
    return { first, texts: this.#texts.slice(first - this.#first) };
  }

  /** Marks the next `count` events as being in the database. */
  markStored(count: number): void {
    const place = this.#stored + 1 - this.#first;
    for (const text of this.#texts.slice(place, place + count)) this.#cachedLength += text.length;
    this.#stored += count;
    if (this.#cachedLength >= 2 * MAX_CACHED_LENGTH) this.#trim();
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
