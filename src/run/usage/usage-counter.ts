import type { Queryable } from '../../driver/driver.ts';
import type { Retry } from '../../driver/retry.ts';
import { newId } from '../../ids.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import { countCall, type Tokens } from '../../store/usage/count-call.ts';
import { toDay } from '../../store/usage/get-usage.ts';
import { type Prices, toCost } from './prices.ts';

/** A call of a model, or what did several. */
export interface UsedModel {
  /** As it was asked for. */
  readonly asked: string | undefined;
  /** As the provider calls what answered. */
  readonly answered: string | undefined;
  /** Undefined: the provider did not say. */
  readonly tokens: Tokens | undefined;
  /** Default: 1. */
  readonly requests?: number;
}

export interface CounterOptions {
  readonly db: Queryable;
  readonly prices: Prices;
  readonly lease: Pick<RunLease, 'userId' | 'runId' | 'chatId'>;
  readonly retry: Retry;
}

const UNKNOWN = 'unknown';
export const NO_TOKENS: Tokens = { input: 0, cachedInput: 0, output: 0, reasoning: 0, total: 0 };

/**
 * Counts what a run uses of models, one call after the other: their numbers are how the database knows those that come again.
 * That is not for the owner of the lease alone: what was used counts, whoever has the run by then.
 */
export class UsageCounter {
  readonly #options: CounterOptions;
  readonly #writer = newId();
  #number = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Why a call could not be counted: the run must not go on. */
  #failure: { readonly error: unknown } | undefined;

  constructor(options: CounterOptions) {
    this.#options = options;
  }

  /** Resolves when the call is counted, or cannot be: then `flush` says so. */
  count({ asked, answered, tokens, requests = 1 }: UsedModel): Promise<void> {
    const { db, prices, lease, retry } = this.#options;
    const { userId, runId, chatId } = lease;
    this.#number += 1;
    const call = {
      userId,
      day: toDay(Date.now()),
      runId,
      chatId,
      model: asked ?? answered ?? UNKNOWN,
      writer: this.#writer,
      number: this.#number,
      requests,
      tokens: tokens ?? NO_TOKENS,
      // Of what a router or an alias stands for, the price of what answered.
      cost: toCost(prices, [answered, asked], tokens),
    };
    this.#writing = this.#writing
      .then(() => retry(() => countCall(db, call)))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
    return this.#writing;
  }

  /** Waits until what was used is stored. @throws QuestlogError when it could not be. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
