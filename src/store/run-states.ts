import { type Queryable, query } from '../db/database.ts';

/** Keeps the serialised state of a run that pauses. */
export async function saveRunState(
  db: Queryable,
  userId: string,
  runId: string,
  state: string,
): Promise<void> {
  await query(db, {
    text: `insert into run_states (user_id, run_id, state) values ($1, $2, $3)
      on conflict (user_id, run_id) do update set state = excluded.state`,
    values: [userId, runId, state],
  });
}

/** Takes the state out: whoever gets it goes on with the run, nobody else. */
export async function takeRunState(
  db: Queryable,
  userId: string,
  runId: string,
): Promise<string | undefined> {
  const rows = await query<{ state: string }>(db, {
    text: 'delete from run_states where user_id = $1 and run_id = $2 returning state',
    values: [userId, runId],
  });
  return rows[0]?.state;
}
