import { type Queryable, query, type Statement } from '../../driver/driver.ts';
import { assertId } from '../../ids.ts';
import { type ChatFilter, isArchivedIn, toCondition } from './chat-filter.ts';

/** How many chats a user has. Soft-deleted and archived ones count only where the filter says so. */
export async function getChatCount(db: Queryable, userId: string, filter: ChatFilter = {}): Promise<number> {
  assertId('user_id', userId);
  const { activeOnly = true, deletedOnly = false, archived: _, ...others } = filter;
  const archived = isArchivedIn(filter);
  const isCounted = archived === undefined || (!archived && activeOnly && !deletedOnly);
  if (!isCounted || Object.values(others).some((value) => value !== undefined))
    return countChats(db, userId, filter);
  const rows = await query<{ active: number; inactive: number; archived: number }>(db, {
    userId,
    name: 'get_chat_count',
    // Few chats are archived, and an index has these alone: they are counted when they are asked for.
    text: `select coalesce(sum(active), 0)::float8 as active, coalesce(sum(inactive), 0)::float8 as inactive,
        (select count(*) from chats where user_id = $1 and is_active and is_archived)::float8 as archived
      from chat_counts where user_id = $1`,
    values: [userId],
  });
  const { active = 0, inactive = 0, archived: away = 0 } = rows[0] ?? {};
  if (deletedOnly) return inactive;
  return activeOnly ? active - away : active + inactive;
}

/** How many chats a filter lets through, counted one by one. */
async function countChats(db: Queryable, userId: string, options: ChatFilter): Promise<number> {
  const filter = toCondition(options, 2);
  const rows = await query<{ count: number }>(db, {
    userId,
    ...(filter.name === undefined ? {} : { name: `count_chats_${filter.name}` }),
    text: `select count(*)::int as count from chats where user_id = $1 ${filter.text}`,
    values: [userId, ...filter.values],
  });
  return rows[0]?.count ?? 0;
}

/**
 * $1 limit; $2 user_id, of one user.
 *
 * @param condition which changes.
 * @param user of a change that was taken.
 */
const mergeCounts = (condition: string, user: string) => `
  with change as (
    select user_id, change_id from chat_counts
    where ${condition} change_id <> '00000000-0000-0000-0000-000000000000'::uuid limit $1 for update skip locked
  ), deleted as (
    delete from chat_counts c using change
    where c.user_id = ${user} and c.change_id = change.change_id
    returning c.user_id, c.active, c.inactive
  ), merged as (
    insert into chat_counts as c (user_id, change_id, active, inactive)
    select user_id, '00000000-0000-0000-0000-000000000000'::uuid, sum(active), sum(inactive)
    from deleted group by user_id order by user_id
    on conflict (user_id, change_id) do update
      set active = c.active + excluded.active, inactive = c.inactive + excluded.inactive
  )
  select count(*)::int as merged from deleted`;

const MERGE_CHAT_COUNTS = mergeCounts('', 'change.user_id');
const MERGE_COUNTS_OF_USER = mergeCounts('user_id = $2 and', '$2');

/** So many at a time, where each has a statement. */
const MAX_USERS = 1_000;

/**
 * Adds changes up to one row a user, whose `change_id` is the nil UUID, which later counts read faster; no count
 * changes. Processes that do it at once take different changes.
 *
 * @param limit how many changes, at most: of each user, where the tables are distributed.
 * @returns how many there were.
 */
export async function mergeChatCounts(db: Queryable, limit: number): Promise<number> {
  if (!db.isDistributed) return merge(db, { userId: null, text: MERGE_CHAT_COUNTS, values: [limit] });
  const users = await query<{ userId: string }>(db, {
    userId: null,
    text: `select distinct user_id as "userId" from chat_counts
      where change_id <> '00000000-0000-0000-0000-000000000000'::uuid limit $1`,
    values: [MAX_USERS],
  });
  let merged = 0;
  for (const { userId } of users) {
    merged += await merge(db, { userId, text: MERGE_COUNTS_OF_USER, values: [limit, userId] });
  }
  return merged;
}

async function merge(db: Queryable, statement: Statement): Promise<number> {
  const rows = await query<{ merged: number }>(db, statement);
  return rows[0]?.merged ?? 0;
}
