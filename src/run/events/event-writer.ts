import type { Queryable } from '../../driver/driver.ts';
import { appendRunEvents } from '../../store/runs/run-events.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { EventLog } from './event-log.ts';

/** One statement in so many milliseconds for all runs of the process: chosen in `bench/event-flush.ts`. */
const TICK_MS = 50;

/** Writes the events of this process's runs to the database, where every other process reads them. */
export class EventWriter {
  readonly #db: Queryable;
  readonly #tickMs: number;
  readonly #logs = new Map<EventLog, RunLease>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(db: Queryable, tickMs = TICK_MS) {
    this.#db = db;
    this.#tickMs = tickMs;
  }

  add(log: EventLog, lease: RunLease): void {
    this.#logs.set(log, lease);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs);
  }

  /** Waits for the write that is under way; what the log then still has is the caller's to store. */
  async remove(log: EventLog): Promise<void> {
    // Once: a later write is of other runs' events.
    if (!this.#logs.delete(log)) return;
    if (this.#logs.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    await this.#writing;
  }

  #tick(): void {
    if (this.#busy) return;
    this.#busy = true;
    // A failure leaves the events where they are: they go with the next tick, or with the end of their run.
    this.#writing = this.#write()
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false;
      });
  }

  async #write(): Promise<void> {
    const waiting = [...this.#logs]
      .map(([log, lease]) => ({ log, lease, ...log.unstored() }))
      .filter(({ texts }) => texts.length > 0);
    if (waiting.length === 0) return;
    const written = await appendRunEvents(this.#db, waiting);
    for (const { log, lease, texts } of waiting) {
      if (written.has(lease.runId)) log.markStored(texts.length);
    }
  }
}
