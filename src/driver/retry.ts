import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, QuestlogError } from '../errors.ts';

const RETRY_DELAY_MS = 250;
const PASSING: ReadonlySet<ErrorCode> = new Set(['database_unavailable', 'database_busy', 'outcome_unknown']);

/**
 * Repeats `work` while the database cannot be reached, did not answer, or is too busy.
 *
 * @param work gets whether an earlier try may have been carried out without an answer: it looks before it writes again.
 * @throws QuestlogError `database_unavailable` or `database_busy` when it stays so.
 */
export type Retry = <Result>(work: (isRetry: boolean) => Promise<Result>) => Promise<Result>;

/**
 * @param timeoutMs how long after the first try another one may begin: as long as a lease, after which another process
 * may have taken the run over.
 */
export function createRetry(timeoutMs: number): Retry {
  return async (work) => {
    const until = performance.now() + timeoutMs;
    for (let isRetry = false; ; isRetry = true) {
      try {
        return await work(isRetry);
      } catch (error) {
        if (!(error instanceof QuestlogError && PASSING.has(error.code))) throw error;
        if (performance.now() > until) throw staysAway(error);
        await sleep(RETRY_DELAY_MS);
      }
    }
  };
}

function staysAway(error: QuestlogError): QuestlogError {
  if (error.code === 'database_busy') return error;
  return new QuestlogError('database_unavailable', 'the database stayed away', { cause: error.cause });
}
