import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading } from './event-reader.ts';

/** How long a shutdown waits for clients that read. */
const PATIENCE_MS = 250;

/** What clients have still to receive when the runs of this process are over. */
export class Deliveries {
  readonly #open = new Set<Promise<unknown>>();
  readonly #readers = new Set<AbortController>();
  #closed = false;

  add(received: Promise<unknown>): void {
    const delivery = received.catch(() => undefined).finally(() => this.#open.delete(delivery));
    this.#open.add(delivery);
  }

  /**
   * Begins to read until `signal`, or until the process stops. Not by `AbortSignal.any`: a signal that lives as long as
   * the process would remember every reader.
   */
  beginReading(signal: AbortSignal): Reading {
    const reader = new AbortController();
    const leave = () => reader.abort();
    if (this.#closed || signal.aborted) leave();
    signal.addEventListener('abort', leave);
    this.#readers.add(reader);
    return {
      signal: reader.signal,
      end: () => {
        this.#readers.delete(reader);
        signal.removeEventListener('abort', leave);
      },
    };
  }

  /** Ends the readers of other processes' runs, who go on elsewhere, and waits a moment for all that is on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const reader of this.#readers) reader.abort();
    await Promise.race([Promise.allSettled(this.#open), sleep(PATIENCE_MS, undefined, { ref: false })]);
  }
}
