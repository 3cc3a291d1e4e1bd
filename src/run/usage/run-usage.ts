import type { Queryable } from '../../driver/driver.ts';
import type { Retry } from '../../driver/retry.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import { CountedCalls } from './counted-calls.ts';
import type { Prices } from './prices.ts';
import { readTokens, toName } from './read-tokens.ts';
import { UsageCounter } from './usage-counter.ts';
import { UsageGate, type UsageLimits } from './usage-limits.ts';

export interface RunUsageOptions {
  readonly db: Queryable;
  readonly prices?: Prices | undefined;
  readonly limits?: UsageLimits | undefined;
  readonly retry: Retry;
}

type Lease = Pick<RunLease, 'userId' | 'runId' | 'chatId'>;

/** What the runs of a process use of models, and may. */
export class RunUsage {
  readonly gate: UsageGate;
  readonly #options: RunUsageOptions;

  constructor(options: RunUsageOptions) {
    this.#options = options;
    this.gate = new UsageGate(options.db, options.limits);
  }

  /** Counts the calls of a run, or of what is done for its chat afterwards. */
  countCalls(lease: Lease): CountedCalls {
    return new CountedCalls({ userId: lease.userId, counter: this.#makeCounter(lease), gate: this.gate });
  }

  /** Counts what was done with calls that did not pass here. */
  async countWork(
    lease: Lease,
    used: { readonly requests: number; readonly model?: string | undefined },
  ): Promise<void> {
    const counter = this.#makeCounter(lease);
    const { requests, model } = used;
    void counter.count({ asked: toName(model), answered: undefined, tokens: readTokens(used), requests });
    await counter.flush();
  }

  #makeCounter(lease: Lease): UsageCounter {
    const { db, prices = {}, retry } = this.#options;
    return new UsageCounter({ db, prices, lease, retry });
  }
}
