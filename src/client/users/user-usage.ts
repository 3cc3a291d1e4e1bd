import type { UsageResponse } from '../../wire/users/usage-report.ts';
import type { CallOptions } from '../call-options.ts';
import type { Connection } from '../connection.ts';

/** Of which days, by what, and which page. */
export interface ReadUsageOptions extends CallOptions {
  /** By what it is summed up. Default: by day. */
  readonly by?: UsageResponse['by'] | undefined;
  /** The first day, of UTC, such as 2026-12-01. Default: 29 days before the last one. */
  readonly from?: string | undefined;
  /** The last day. Default: today. */
  readonly to?: string | undefined;
  /** 1 to 100 (the default). */
  readonly limit?: number | undefined;
  /** `next_cursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** What the user has used of models. */
export class UserUsage {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Tokens, calls and cost of all runs, those of removed chats included. */
  read({ signal, ...query }: ReadUsageOptions = {}): Promise<UsageResponse> {
    return this.#connection.get('/usage', query, signal);
  }
}
