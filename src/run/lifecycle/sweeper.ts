import { doTask } from '../../channels.ts';
import type { Database } from '../../database/database.ts';
import { mergeChatCounts } from '../../store/chats/chat-counts.ts';
import { deleteExpired, getAbandonedRuns } from '../../store/runs/runs.ts';
import { toInterruption } from './begin.ts';
import { takeOverRun } from './takeover.ts';

/** With a lease of 10 seconds a dead run is over within 15, for its consumers and in its state. */
const SWEEP_INTERVAL_MS = 5_000;
/** Rows that one statement may lock. */
const MERGE_BATCH_ROWS = 10_000;
const EXPIRE_INTERVAL_MS = 60_000;
const KEY_RETENTION_MS = 24 * 60 * 60_000;

/** Ends the runs that dead processes left, removes what is too old, and adds up the numbers of chats. */
export class Sweeper {
  readonly #db: Database;
  readonly #eventsMs: number;
  #timers: NodeJS.Timeout[] = [];

  constructor(db: Database, eventsMs: number) {
    this.#db = db;
    this.#eventsMs = eventsMs;
  }

  /** Now, and again and again until `stop`. */
  async start(): Promise<void> {
    await doTask('sweep', () => this.#sweep());
    await doTask('expire', () => this.#expire());
    const every = (ms: number, task: 'sweep' | 'expire', work: () => Promise<void>) =>
      // A database that is away now is there the next time.
      setInterval(() => doTask(task, work).catch(() => undefined), ms).unref();
    this.#timers = [
      every(SWEEP_INTERVAL_MS, 'sweep', () => this.#sweep()),
      every(EXPIRE_INTERVAL_MS, 'expire', () => this.#expire()),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** On the embedded database every run that is not executed here is dead: no other process can have it open. */
  async #sweep(): Promise<void> {
    const db = this.#db;
    for (const { userId, runId } of await getAbandonedRuns(db, db.kind === 'pglite')) {
      // One that cannot be taken over at the moment keeps nobody else's waiting.
      await takeOverRun(db, userId, runId, { ...toInterruption(db), isSweep: true }).catch(() => undefined);
    }
    while ((await mergeChatCounts(db, MERGE_BATCH_ROWS)) === MERGE_BATCH_ROWS);
  }

  #expire(): Promise<void> {
    return deleteExpired(this.#db, this.#eventsMs, KEY_RETENTION_MS);
  }
}
