import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../errors.ts';

const RETRY_DELAY_MS = 250;

/**
 * Repeats `work` while the database cannot be reached.
 *
 * @param work is told whether an earlier try may have been carried out without an answer.
 * @throws QuestlogError `database_unavailable` when it stays away.
 */
export type Retry = <Result>(work: (again: boolean) => Promise<Result>) => Promise<Result>;

/**
 * @param patienceMs how long after the first try another one may begin: as long as a lease, after which another process
 * may have taken the run over.
 */
export function createRetry(patienceMs: number): Retry {
  return async (work) => {
    const until = performance.now() + patienceMs;
    for (let again = false; ; again = true) {
      try {
        return await work(again);
      } catch (error) {
        const away = error instanceof QuestlogError && error.code === 'database_unavailable';
        if (!away || performance.now() > until) throw error;
        await sleep(RETRY_DELAY_MS);
      }
    }
  };
}
