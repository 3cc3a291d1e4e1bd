import { expect } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import type { Transaction } from '../../src/driver/driver.ts';

/** Runs `work` while a transaction of PostgreSQL has done `meanwhile`, and commits that when the work waits for it. */
export async function whileHeld<Result>(
  db: Database,
  meanwhile: (tx: Transaction) => Promise<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  let result: Promise<Result> | undefined;
  await db.transaction(async (tx) => {
    await meanwhile(tx);
    result = work();
    const waiting = {
      text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    };
    await expect.poll(async () => (await db.query(waiting)).rows).toHaveLength(1);
  });
  return result as Promise<Result>;
}
