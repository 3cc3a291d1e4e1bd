import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../errors.ts';

const RETRY_DELAY_MS = 250;

/**
 * Repeats `work` while the database cannot be reached.
 *
 * @param work gets whether an earlier try may have been carried out without an answer.
 * @throws QuestlogError `database_unavailable` when it stays away.
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
        const away = error instanceof QuestlogError && error.code === 'database_unavailable';
        if (!away || performance.now() > until) throw error;
        await sleep(RETRY_DELAY_MS);
      }
    }
  };
}
