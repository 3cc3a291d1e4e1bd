import { setTimeout as sleep } from 'node:timers/promises';
import type { Runner } from '@openai/agents-core';
import { FOLLOW_UPS, trace } from '../../channels.ts';
import type { Database } from '../../database/database.ts';
import { describeError } from '../../describe-error.ts';
import { type Compaction, compactChat } from '../../session/compaction.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { RunLog } from '../types.ts';
import type { RunUsage } from '../usage/run-usage.ts';
import { type TitleOptions, writeTitle } from './write-title.ts';

export interface AfterRunsOptions {
  readonly db: Database;
  readonly runner: Runner;
  readonly usage: RunUsage;
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
  follow(result: Promise<unknown>, lease: RunLease, logger: RunLog | undefined): void {
    const { compaction, titles } = this.#options;
    const { chatId, runId } = lease;
    if (chatId === null) return;
    const log = logger?.child({ run_id: runId, chat_id: chatId });
    const ended = result.catch(() => undefined);
    if (compaction !== undefined)
      this.#do('compaction', log, () =>
        ended.then(() => traced('compaction', () => this.#compact(lease, chatId, compaction))),
      );
    if (titles !== undefined)
      void result.then(
        () => this.#do('title', log, () => traced('title', () => this.#writeTitle(lease, chatId, titles))),
        () => undefined,
      );
  }

  /** Lets what is being done finish for `graceMs`, then gives it up: nothing of it is stored. */
  async close(graceMs: number): Promise<void> {
    await Promise.race([Promise.all(this.#working), sleep(graceMs, undefined, { ref: false })]);
    this.#closing.abort();
  }

  async #compact(lease: RunLease, chatId: string, compaction: Compaction) {
    const { db, usage, maxItemBytes } = this.#options;
    const { userId } = lease;
    await usage.gate.assertRoom(userId);
    const options = { signal: this.#closing.signal, maxItemBytes };
    const done = await compactChat(db, chatId, userId, compaction, options);
    if (done.usage !== undefined) await usage.countWork(lease, done.usage);
    return done;
  }

  async #writeTitle(lease: RunLease, chatId: string, titles: TitleOptions) {
    if (this.#titles >= MAX_TITLES) return { outcome: 'busy' };
    this.#titles += 1;
    const { db, runner, usage } = this.#options;
    const counted = usage.countCalls(lease);
    try {
      const { signal } = this.#closing;
      return { outcome: await writeTitle(db, lease.userId, chatId, titles, { runner, signal, counted }) };
    } finally {
      this.#titles -= 1;
      await counted.close();
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
