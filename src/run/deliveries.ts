import { setTimeout as sleep } from 'node:timers/promises';

/** How long a shutdown waits for clients that read. */
const PATIENCE_MS = 250;

/** What clients have still to receive when the runs of this process are over. */
export class Deliveries {
  readonly #open = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();

  add(received: Promise<unknown>): void {
    const delivery = received.catch(() => undefined).finally(() => this.#open.delete(delivery));
    this.#open.add(delivery);
  }

  /** `signal`, or that the process stops. */
  until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closed.signal]);
  }

  /** Ends the readers of other processes' runs, who go on elsewhere, and waits a moment for all that is on its way. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.race([Promise.allSettled(this.#open), sleep(PATIENCE_MS, undefined, { ref: false })]);
  }
}
