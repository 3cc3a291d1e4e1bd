import { type Queryable, query } from '../../driver/driver.ts';

/** The run that this user's key began, and what was asked for. */
export async function getRunOfKey(
  db: Queryable,
  userId: string,
  key: string,
): Promise<{ readonly runId: string; readonly fingerprint: string } | undefined> {
  const rows = await query<{ runId: string; fingerprint: string }>(db, {
    userId,
    text: `select run_id as "runId", fingerprint from idempotency_keys where user_id = $1 and idempotency_key = $2`,
    values: [userId, key],
  });
  return rows[0];
}
