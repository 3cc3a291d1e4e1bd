import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../errors.ts';

const PAUSE_MS = 250;
/** As long as a lease: after that another process may have taken the run over. */
const PATIENCE_MS = 10_000;

/**
 * Repeats `work` while the database cannot be reached.
 *
 * @param work is told whether an earlier try may have been carried out without an answer.
 */
export async function whileUnavailable<Result>(work: (again: boolean) => Promise<Result>): Promise<Result> {
  const until = performance.now() + PATIENCE_MS;
  for (let again = false; ; again = true) {
    try {
      return await work(again);
    } catch (error) {
      const away = error instanceof QuestlogError && error.code === 'database_unavailable';
      if (!away || performance.now() > until) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
