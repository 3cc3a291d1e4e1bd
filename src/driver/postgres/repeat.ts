import { setTimeout as sleep } from 'node:timers/promises';

const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 10;

/** Does `work` again, a few times, while it fails for a reason that passes. */
export async function repeat<Result>(
  work: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || attempt === MAX_ATTEMPTS) throw error;
      // Not as long as the others, or they would meet again.
      await sleep(Math.random() * FIRST_DELAY_MS * 2 ** attempt);
    }
  }
}
