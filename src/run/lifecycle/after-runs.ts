import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from '@openai/agents-core';
import { FOLLOW_UPS, trace } from '../../channels.ts';
import type { Database } from '../../database/database.ts';
import { describeError } from '../../describe-error.ts';
import { type Compaction, compactChat } from '../../session/compaction.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { RunLog } from '../types.ts';
import { type TitleOptions, writeTitle } from './write-title.ts';

export interface AfterRunsOptions {
  readonly db: Database;
  readonly runner: Runner;
  readonly compaction: Compaction | undefined;
  readonly titles: TitleOptions | undefined;
  readonly maxItemBytes: number | undefined;
}

/** So many titles are written at once; the next run of a chat that had no turn tries again. */
const MAX_TITLES = 20;

/**
 * What is done to chats when their runs have ended, apart from these: a run neither waits for it nor fails with it. A run that
 * begins meanwhile is not waited for either: a compaction then changes nothing, and is due again after that run.
 */
export class AfterRuns {
  readonly #options: AfterRunsOptions;
  readonly #working = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #titles = 0;

  constructor(options: AfterRunsOptions) {
    this.#options = options;
  }

  /** Compacts the chat of a run when the run has ended, well or not, and has a title written when it has ended well. */
  follow(result: Promise<unknown>, { userId, chatId, runId }: RunLease, logger: RunLog | undefined): void {
    const { db, compaction, titles, maxItemBytes } = this.#options;
    if (chatId === null) return;
    const log = logger?.child({ run_id: runId, chat_id: chatId });
    const options = { signal: this.#closing.signal, maxItemBytes };
    const ended = result.catch(() => undefined);
    if (compaction !== undefined)
      this.#do('compaction', log, () =>
        ended.then(() => traced('compaction', () => compactChat(db, chatId, userId, compaction, options))),
      );
    if (titles !== undefined)
      void result.then(
        () => this.#do('title', log, () => traced('title', () => this.#writeTitle(userId, chatId, titles))),
        () => undefined,
      );
  }

  /** Lets what is being done finish for `graceMs`, then gives it up: nothing of it is stored. */
  async close(graceMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#working), sleep(graceMs, undefined, { ref: false })]);
    this.#closing.abort();
  }

  async #writeTitle(userId: string, chatId: string, titles: TitleOptions) {
    if (this.#titles >= MAX_TITLES) return { outcome: 'busy' };
    this.#titles += 1;
    try {
      const { db, runner } = this.#options;
      const { signal } = this.#closing;
      return { outcome: await writeTitle(db, userId, chatId, titles, { runner, signal }) };
    } finally {
      this.#titles -= 1;
    }
  }

  #do(
    name: string,
    log: RunLog | undefined,
    work: () => Promise<{ readonly outcome: string; readonly usage?: unknown }>,
  ): void {
    const done = work()
      .then(
        ({ outcome, usage }) => log?.info({ outcome, usage }, name),
        (error: unknown) => log?.warn({ error: describeError(error) }, `${name} failed`),
      )
      .finally(() => this.#working.delete(done));
    this.#working.add(done);
  }
}

function traced<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  return trace(FOLLOW_UPS, () => ({ name }), work);
}
