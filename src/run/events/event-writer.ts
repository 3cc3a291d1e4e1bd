import { doTask } from '../../channels.ts';
import type { Queryable } from '../../driver/driver.ts';
import { appendRunEvents, type EventBatch } from '../../store/runs/run-events.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { ResumableStream } from './resumable-stream.ts';

/** One statement in so many milliseconds for all runs of the process: chosen in `bench/event-flush.ts`. */
const FLUSH_INTERVAL_MS = 50;
/** UTF-16 units of events in one statement, unless one run alone has more. */
const MAX_STATEMENT_LENGTH = 1_000_000;

interface Batch extends EventBatch {
  readonly stream: ResumableStream;
  readonly length: number;
}

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

  /** One batch of each run: who has more than that goes on with the next flush. */
  async #write(): Promise<void> {
    const batches = [...this.#streams]
      .map(([stream, lease]) => ({ stream, lease, ...stream.getBatch() }))
      .filter(({ texts }) => texts.length > 0);
    while (batches.length > 0) await this.#writeStatement(batches.splice(0, countForStatement(batches)));
  }

  async #writeStatement(batches: readonly Batch[]): Promise<void> {
    const written = await doTask('events', () => appendRunEvents(this.#db, batches));
    for (const { stream, lease, texts } of batches) {
      if (written.has(lease.runId)) stream.markStored(texts.length);
    }
  }
}

/** How many of the first batches fit into one statement: at least one. */
function countForStatement(batches: readonly Batch[]): number {
  let total = 0;
  const end = batches.findIndex(({ length }, index) => {
    total += length;
    return index > 0 && total > MAX_STATEMENT_LENGTH;
  });
  return end === -1 ? batches.length : end;
}
