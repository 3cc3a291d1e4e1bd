import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/database.ts';
import { describeError } from '../../describe-error.ts';
import { type Compaction, compactChat } from '../../session/compaction.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { RunLog } from '../types.ts';

export interface CompactorOptions {
  readonly db: Database;
  readonly compaction: Compaction | undefined;
  readonly maxItemBytes: number | undefined;
}

/**
 * Compacts chats when their runs have ended, apart from these: a run neither waits for it nor fails with it. A run that
 * begins meanwhile is not waited for either: the compaction then changes nothing, and is due again after that run.
 */
export class Compactor {
  readonly #options: CompactorOptions;
  readonly #working = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  /** Compacts the chat of a run when the run has ended, well or not. */
  compactAfter(
    result: Promise<unknown>,
    { userId, chatId, runId }: RunLease,
    logger: RunLog | undefined,
  ): void {
    const { db, compaction, maxItemBytes } = this.#options;
    if (compaction === undefined || chatId === null) return;
    const log = logger?.child({ run_id: runId, chat_id: chatId });
    const options = { signal: this.#closing.signal, maxItemBytes };
    const work = result
      .catch(() => undefined)
      .then(() => compactChat(db, chatId, userId, compaction, options))
      .then(
        ({ outcome, usage }) => log?.info({ outcome, usage }, 'compaction'),
        (error: unknown) => log?.warn({ error: describeError(error) }, 'compaction failed'),
      )
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  /** Lets compactions finish for `graceMs`, then gives them up: nothing of them is stored. */
  async close(graceMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#working), sleep(graceMs, undefined, { ref: false })]);
    this.#closing.abort();
  }
}
