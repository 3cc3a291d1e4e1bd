import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from './event-reader.ts';

/** How long a shutdown waits for clients that read. */
const DRAIN_TIMEOUT_MS = 250;

/** What clients have still to receive when the runs of this process are over. */
export class Consumers {
  readonly #deliveries = new Set<Promise<unknown>>();
  readonly #consumers = new Set<AbortController>();
  #closed = false;

  trackDelivery(received: Promise<unknown>): void {
    const delivery = received.catch(() => undefined).finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }

  /**
   * Begins to read until `signal`, or until the process stops. Not by `AbortSignal.any`: a signal that lives as long as
   * the process would remember every reader.
   */
  connect(signal: AbortSignal): Consumer {
    const reader = new AbortController();
    const leave = () => reader.abort();
    if (this.#closed || signal.aborted) leave();
    signal.addEventListener('abort', leave);
    this.#consumers.add(reader);
    return {
      signal: reader.signal,
      leave: () => {
        this.#consumers.delete(reader);
        signal.removeEventListener('abort', leave);
      },
    };
  }

  /** Ends the readers of other processes' runs, who go on elsewhere, and waits a moment for all that is on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const reader of this.#consumers) reader.abort();
    await Promise.race([
      Promise.allSettled(this.#deliveries),
      sleep(DRAIN_TIMEOUT_MS, undefined, { ref: false }),
    ]);
  }
}
