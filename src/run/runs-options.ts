import type { Runner } from '@openai/agents-core';
import type { Database } from '../database/database.ts';
import type { Compaction } from '../session/compaction.ts';
import type { TitleOptions } from './lifecycle/write-title.ts';
import type { HistoryWindow } from './model-input/window.ts';
import type { RunOptions } from './types.ts';
import type { Prices } from './usage/prices.ts';
import type { UsageLimits } from './usage/usage-limits.ts';

/** How a process runs agents. */
export interface RunsOptions {
  /** Where runs are stored, with their chats. */
  readonly db: Database;
  /**
   * The configuration that agents are run with, and where hooks are emitted. A run has a runner of its own: what a
   * subclass overrides is not called. Default: without tracing, so that nothing leaves but what the model gets.
   */
  readonly runner?: Runner | undefined;
  /** What the SDK's `run()` gets for every run, such as `maxTurns`. */
  readonly runOptions?: RunOptions | undefined;
  /** A run that takes longer ends with `model_timeout`. Default: 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /**
   * Values that no log may hold, such as the key of the model's provider, who can quote them in its errors. Those of
   * fewer than 6 characters are ignored. Default: none; what looks like a key is left out in any case.
   */
  readonly secrets?: readonly string[] | undefined;
  /** The largest JSON text of one item, in bytes of UTF-8. Default: 10 MB. */
  readonly maxItemBytes?: number | undefined;
  /** How much of the history a model gets. Default: all of it. */
  readonly history?: HistoryWindow | undefined;
  /** Compacts a chat when a run on it has ended and that is due. Default: nothing is compacted. */
  readonly compaction?: Compaction | undefined;
  /**
   * Has a model write the title of a chat that a run has given one from its first message, when a run on it has ended well; never
   * over a title that somebody has given. Default: the first message stays the title.
   */
  readonly titles?: TitleOptions | undefined;
  /** What models cost, by their names, in money for a million tokens. Default: costs are not known. */
  readonly prices?: Prices | undefined;
  /**
   * What each user may use in a day of UTC, or what one may: a run beyond it is refused, and one that comes to it fails, with
   * `usage_limit`. Default: no limits.
   */
  readonly limits?: UsageLimits | undefined;
  /**
   * A process that has not renewed the lease of its run for so long has lost it: another one takes it over. For as long,
   * a run tries to store each thing in a database that cannot be reached. Default: 10 seconds.
   */
  readonly leaseMs?: number | undefined;
  /** How long the events of an ended run can be read. Default: a day. */
  readonly eventsMs?: number | undefined;
}

export const DEFAULT_TIMEOUT_MS = 10 * 60_000;
export const DEFAULT_LEASE_MS = 10_000;
export const DEFAULT_EVENTS_MS = 24 * 60 * 60_000;
