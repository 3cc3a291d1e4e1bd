import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer } from './event-reader.ts';

/** How long a shutdown waits for what consumers have still to receive. */
const DRAIN_TIMEOUT_MS = 250;

/** The consumers of this process's event streams: drained when its runs are over. */
export class Consumers {
  readonly #deliveries = new Set<Promise<unknown>>();
  readonly #consumers = new Set<AbortController>();
  #isClosed = false;

  /** Lets `close` wait for a delivery. */
  trackDelivery(received: Promise<unknown>): void {
    const delivery = received.catch(() => undefined).finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }

  /**
   * Connects a consumer until `signal` aborts, or until the process stops. Not by `AbortSignal.any`: a signal that
   * lives as long as the process would remember every consumer.
   */
  connect(signal: AbortSignal): Consumer {
    const consumer = new AbortController();
    const leave = () => consumer.abort();
    if (this.#isClosed || signal.aborted) leave();
    signal.addEventListener('abort', leave);
    this.#consumers.add(consumer);
    return {
      signal: consumer.signal,
      leave: () => {
        this.#consumers.delete(consumer);
        signal.removeEventListener('abort', leave);
      },
    };
  }

  /** Disconnects the consumers of other processes' runs, who resume elsewhere, and drains what is on its way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const consumer of this.#consumers) consumer.abort();
    await Promise.race([
      Promise.allSettled(this.#deliveries),
      sleep(DRAIN_TIMEOUT_MS, undefined, { ref: false }),
    ]);
  }
}
