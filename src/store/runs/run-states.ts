import { type Queryable, query } from '../../driver/driver.ts';

/**
 * Keeps the serialised state of a run that pauses.
 *
 * @returns false when the run is to be cancelled: its state is not kept.
 */
export async function saveRunState(
  tx: Queryable,
  userId: string,
  runId: string,
  state: string,
): Promise<boolean> {
  const rows = await query(tx, {
    userId,
    text: `insert into run_states (user_id, run_id, state)
      select user_id, run_id, $3 from runs where user_id = $1 and run_id = $2 and not cancel_requested
      on conflict (user_id, run_id) do update set state = excluded.state returning run_id`,
    values: [userId, runId, state],
  });
  return rows.length === 1;
}

/** Takes the state out: only one process gets it, and goes on with the run. */
export async function takeRunState(
  db: Queryable,
  userId: string,
  runId: string,
): Promise<string | undefined> {
  const rows = await query<{ state: string }>(db, {
    userId,
    text: 'delete from run_states where user_id = $1 and run_id = $2 returning state',
    values: [userId, runId],
  });
  return rows[0]?.state;
}
