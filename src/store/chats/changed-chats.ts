import { type Queryable, query } from '../../driver/driver.ts';
import type { RunStatus } from '../runs/runs.ts';

/** A moment by the database's clock, in microseconds since 1970. A chat's `version` is one. */
export type Moment = number;

/** A chat that changed after some moment, and what of it did. */
export interface ChangedChat {
  readonly userId: string;
  readonly chatId: string;
  readonly version: Moment;
  /** Removed for good: nothing but the fields above is known of it. */
  readonly isRemoved: boolean;
  readonly isActive: boolean;
  readonly createdAt: Moment;
  /** When it was last soft-deleted or restored. */
  readonly switchedAt: Moment | null;
  /** When its history last changed other than by an append, and the first position that did in the minute before. */
  readonly rewrittenAt: Moment | null;
  readonly rewrittenFrom: number | null;
  /** The first position that was appended after the moment asked for. */
  readonly appendedFrom: number | null;
  /** Its newest item. */
  readonly last: number | null;
  /** Its newest run. */
  readonly runId: string | null;
  readonly runStatus: RunStatus | null;
  readonly runEndedAt: Moment | null;
  readonly lastEvent: number | null;
}

const SINCE = `(to_timestamp(0) + $2::bigint * interval '1 microsecond')`;
const SINCE_MINUTE = `date_bin('1 minute', ${SINCE}, timestamptz '1970-01-01 00:00:00+00')`;

/**
 * $1 user_id or user_ids, $2 moment, $3 limit. Each part of `found` is a walk along an index, by user and time; that of
 * active chats, and of soft-deleted ones, has no finer time than the minute. A chat may be in two of them: once is enough.
 *
 * @param users where the users come from.
 * @param user one of them, in `found` and behind it.
 */
const selectChangedChats = (users: string, [user, owner]: readonly [string, string]) => `
  with found as materialized (
    select ${user} as user_id, c.* from ${users} (
      (select chat_id, greatest(updated_at, organised_at) as changed_at, false as is_removed from chats
        where user_id = ${user} and is_active and updated_minute >= ${SINCE_MINUTE} and updated_at > ${SINCE}
        order by updated_minute desc, updated_at desc limit $3)
      union
      (select chat_id, greatest(updated_at, organised_at), false from chats
        where user_id = ${user} and not is_active and updated_minute >= ${SINCE_MINUTE} and updated_at > ${SINCE}
        order by updated_minute desc, updated_at desc limit $3)
      union
      (select chat_id, greatest(updated_at, organised_at), false from chats
        where user_id = ${user} and organised_at > ${SINCE}
        order by organised_at desc limit $3)
      union all
      (select chat_id, removed_at, true from removed_chats
        where user_id = ${user} and removed_at > ${SINCE}
        order by removed_at desc limit $3)
    ) as c
  )
  select f.user_id as "userId", f.chat_id as "chatId",
    (extract(epoch from f.changed_at) * 1000000)::float8 as version,
    f.is_removed as "isRemoved", coalesce(c.is_active, false) as "isActive",
    (extract(epoch from c.created_at) * 1000000)::float8 as "createdAt",
    (extract(epoch from c.switched_at) * 1000000)::float8 as "switchedAt",
    (extract(epoch from c.rewritten_at) * 1000000)::float8 as "rewrittenAt", c.rewritten_from::float8 as "rewrittenFrom",
    (select i.position::float8 from chat_items i
      where i.user_id = ${owner} and i.chat_id = c.chat_id and i.position > known.position
      order by i.position limit 1) as "appendedFrom",
    (select i.position::float8 from chat_items i
      where i.user_id = ${owner} and i.chat_id = c.chat_id order by i.position desc limit 1) as last,
    r.run_id as "runId", r.status as "runStatus", (extract(epoch from r.ended_at) * 1000000)::float8 as "runEndedAt",
    greatest(r.last_event, (select e.last_event from run_events e
      where e.user_id = ${owner} and e.run_id = r.run_id order by e.first_event desc limit 1))::float8 as "lastEvent"
  from found f
  left join chats c on c.user_id = ${owner} and c.chat_id = f.chat_id and not f.is_removed
  left join lateral (
    select coalesce((select i.position from chat_items i
      where i.user_id = ${owner} and i.chat_id = c.chat_id and i.created_at <= ${SINCE}
      order by i.position desc limit 1), -1) as position
  ) as known on true
  left join lateral (
    select * from runs where user_id = ${owner} and chat_id = c.chat_id order by started_at desc limit 1
  ) as r on true
  where f.is_removed or c.chat_id is not null
  order by f.changed_at, f.chat_id`;

const GET_CHANGED_CHATS = selectChangedChats('', ['$1::text', '$1::text']);
const GET_CHANGED_CHATS_OF_MANY = selectChangedChats('unnest($1::text[]) as w(user_id) cross join lateral', [
  'w.user_id',
  'f.user_id',
]);

/**
 * What changed of a user's chats after a moment, oldest change first, by any writer, SQL by hand included: at most `limit`
 * active, soft-deleted and removed ones, the newest.
 */
export async function getChangedChats(
  db: Queryable,
  userId: string,
  since: Moment,
  limit: number,
): Promise<ChangedChat[]> {
  return query<ChangedChat>(db, {
    userId,
    name: 'get_changed_chats',
    text: GET_CHANGED_CHATS,
    values: [userId, since, limit],
  });
}

/** As `getChangedChats`, of all who wait for it: in one statement where their rows are in one place. */
export async function getChangedChatsOfMany(
  db: Queryable,
  userIds: readonly string[],
  since: Moment,
  limit: number,
): Promise<ChangedChat[]> {
  if (db.isDistributed) {
    const changed = await Promise.all(userIds.map((userId) => getChangedChats(db, userId, since, limit)));
    return changed.flat();
  }
  return query<ChangedChat>(db, {
    userId: null,
    name: 'get_changed_chats_of_many',
    text: GET_CHANGED_CHATS_OF_MANY,
    values: [userIds, since, limit],
  });
}

/**
 * The moment before which nothing can appear any more: each change that is committed from now on has a later one,
 * however long its transaction has been open (15 minutes at most, so that a forgotten one does no harm), and also when
 * its statement has begun but not yet written. Read it before the changes. Transactions of other database roles are seen
 * only by a member of `pg_read_all_stats`.
 */
export async function getWatermark(db: Queryable): Promise<Moment> {
  const rows = await query<{ watermark: Moment }>(db, {
    userId: null,
    name: 'get_watermark',
    text: selectWatermark(db.isDistributed ? 'citus_stat_activity' : 'pg_stat_activity'),
  });
  return rows[0]?.watermark ?? 0;
}

/** @param activity of this server, or of all nodes of a cluster. */
function selectWatermark(activity: 'pg_stat_activity' | 'citus_stat_activity'): string {
  return `select (extract(epoch from greatest(
      least(clock_timestamp(), min(case when backend_xid is null then query_start else xact_start end)),
      clock_timestamp() - interval '15 minutes'
    )) * 1000000)::float8 as watermark
    from ${activity} where datname = current_database()
      and (backend_xid is not null or state = 'active' and backend_type = 'client backend')`;
}

/** Forgets chats that were removed so long ago. */
export async function deleteOldRemovals(db: Queryable, keepMs: number): Promise<void> {
  await query(db, {
    userId: null,
    text: `delete from removed_chats where removed_at < statement_timestamp() - $1 * interval '1 millisecond'`,
    values: [keepMs],
  });
}
