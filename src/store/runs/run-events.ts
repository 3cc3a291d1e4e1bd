import { type Queryable, query } from '../../driver/driver.ts';
import type { RunLease } from './runs.ts';

/** Consecutive events of one run: `texts[0]` has the number `first`. */
export interface EventBatch {
  readonly lease: RunLease;
  readonly first: number;
  readonly texts: readonly string[];
}

/** $1 user_ids, $2 run_ids, $3 epochs, $4 and $5 first and last events, $6 events. */
const APPEND_RUN_EVENTS = `
  with batch as (
    select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
      as b(user_id, run_id, epoch, first_event, last_event, events)
  ), mine as (
    select r.user_id, r.run_id from runs r join batch b using (user_id, run_id)
    where r.epoch = b.epoch and r.status = 'running' for share of r
  )
  insert into run_events (user_id, run_id, first_event, last_event, events)
  select b.user_id, b.run_id, b.first_event, b.last_event, b.events::json
  from batch b join mine using (user_id, run_id)
  -- A batch whose write had no answer comes again, with more events: it takes the place of what was written.
  on conflict (user_id, run_id, first_event)
    do update set last_event = excluded.last_event, events = excluded.events
  returning run_id as "runId"`;

/** As above, of one run. */
const APPEND_EVENTS_OF_RUN = `
  insert into run_events (user_id, run_id, first_event, last_event, events)
  select user_id, run_id, $4::bigint, $5::bigint, $6::json from runs
  where user_id = $1 and run_id = $2 and epoch = $3 and status = 'running' for share
  on conflict (user_id, run_id, first_event)
    do update set last_event = excluded.last_event, events = excluded.events
  returning run_id as "runId"`;

/** Of a batch, in the order of the parameters. */
function toValues({ lease, first, texts }: EventBatch): unknown[] {
  const { userId, runId, epoch } = lease;
  return [userId, runId, epoch, first, first + texts.length - 1, `[${texts.join(',')}]`];
}

/** In one statement where the rows of all users are in one place. */
async function writeBatches(db: Queryable, batches: readonly EventBatch[]): Promise<{ runId: string }[]> {
  if (db.isDistributed) {
    const name = 'append_events_of_run';
    const written = batches.map((batch) => {
      const { userId } = batch.lease;
      return query<{ runId: string }>(db, {
        userId,
        name,
        text: APPEND_EVENTS_OF_RUN,
        values: toValues(batch),
      });
    });
    return (await Promise.all(written)).flat();
  }
  const rows = batches.map(toValues);
  const columns = [0, 1, 2, 3, 4, 5].map((column) => rows.map((row) => row[column]));
  return query(db, { userId: null, name: 'append_run_events', text: APPEND_RUN_EVENTS, values: columns });
}

/**
 * Writes the new events of a process's runs. A run that is no longer this process's gets none.
 *
 * @returns the ids of the runs that were written.
 */
export async function appendRunEvents(db: Queryable, batches: readonly EventBatch[]): Promise<Set<string>> {
  const rows = await writeBatches(db, batches);
  const written = new Set(rows.map(({ runId }) => runId));
  for (const { lease, first, texts } of batches) {
    const { userId, runId, chatId } = lease;
    const lastEvent = first + texts.length - 1;
    if (chatId !== null && written.has(runId))
      db.changes?.notify({ userId, run: { runId, chatId, lastEvent } });
  }
  return written;
}

/** A page ends behind the batch that reaches it. */
const PAGE_BYTES = 250_000;

/** One event's number and JSON text. */
export interface EventText {
  readonly id: number;
  readonly text: string;
}

/** The next events of a run. */
export interface EventPage {
  readonly events: readonly EventText[];
  /** Whether the run has ended or pauses, and these are its last. */
  readonly over: boolean;
}

/** Whether any event of a run after a number is kept. */
export async function hasRunEvents(
  db: Queryable,
  userId: string,
  runId: string,
  after: number,
): Promise<boolean> {
  const rows = await query(db, {
    userId,
    text: 'select 1 from run_events where user_id = $1 and run_id = $2 and last_event > $3 limit 1',
    values: [userId, runId, after],
  });
  return rows.length > 0;
}

/** The next events after a number. Undefined: no such run of this user. */
export async function getRunEvents(
  db: Queryable,
  userId: string,
  runId: string,
  after: number,
): Promise<EventPage | undefined> {
  const rows = await query<{ isRunning: boolean; last: number; id: number | null; text: string | null }>(db, {
    userId,
    name: 'get_run_events',
    text: `select r.status = 'running' as "isRunning", r.last_event::float8 as last, e.id::float8 as id, e.text
      from runs r
      left join lateral (
        select b.first_event + x.place - 1 as id, x.value::text as text
        from (select *, sum(octet_length(events::text)) over (order by first_event) - octet_length(events::text) as before
              -- First by what is stored, compressed: the rest need not be read.
              from (select *, sum(pg_column_size(events)) over (order by first_event) - pg_column_size(events) as stored
                    from run_events where user_id = $1 and run_id = $2 and last_event > $3
                    order by first_event limit 50) s
              where s.stored < ${PAGE_BYTES}) b,
          json_array_elements(b.events) with ordinality as x(value, place)
        where b.before < ${PAGE_BYTES} and b.first_event + x.place - 1 > $3
      ) e on true
      where r.user_id = $1 and r.run_id = $2 order by e.id`,
    values: [userId, runId, after],
  });
  const [run] = rows;
  if (run === undefined) return undefined;
  const events = rows.flatMap(({ id, text }) => (id === null || text === null ? [] : [{ id, text }]));
  // Of an old run no events are kept.
  const isLast = events.length === 0 || events.at(-1)?.id === run.last;
  return { events, over: !run.isRunning && isLast };
}
