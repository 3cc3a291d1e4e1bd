import type { Queryable } from '../../driver/driver.ts';
import { appendRunEvents } from '../../store/runs/run-events.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { ResumableStream } from './resumable-stream.ts';

/** One statement in so many milliseconds for all runs of the process: chosen in `bench/event-flush.ts`. */
const FLUSH_INTERVAL_MS = 50;

/** Writes the events of this process's runs to the database, where every other process reads them. */
export class EventWriter {
  readonly #db: Queryable;
  readonly #intervalMs: number;
  readonly #streams = new Map<ResumableStream, RunLease>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(db: Queryable, intervalMs = FLUSH_INTERVAL_MS) {
    this.#db = db;
    this.#intervalMs = intervalMs;
  }

  attach(stream: ResumableStream, lease: RunLease): void {
    this.#streams.set(stream, lease);
    this.#timer ??= setInterval(() => this.#flush(), this.#intervalMs);
  }

  /** Waits for the write that is under way; what the stream then still has is the caller's to store. */
  async detach(stream: ResumableStream): Promise<void> {
    // Once: a later write is of other runs' events.
    if (!this.#streams.delete(stream)) return;
    if (this.#streams.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    await this.#writing;
  }

  #flush(): void {
    if (this.#busy) return;
    this.#busy = true;
    // A failure leaves the events where they are: they go with the next flush, or with the end of their run.
    this.#writing = this.#write()
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false;
      });
  }

  async #write(): Promise<void> {
    const waiting = [...this.#streams]
      .map(([stream, lease]) => ({ stream, lease, ...stream.getUnstored() }))
      .filter(({ texts }) => texts.length > 0);
    if (waiting.length === 0) return;
    const written = await appendRunEvents(this.#db, waiting);
    for (const { stream, lease, texts } of waiting) {
      if (written.has(lease.runId)) stream.markStored(texts.length);
    }
  }
}
