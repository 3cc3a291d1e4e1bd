import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { type Checks, checkOptions, isAnything } from '../../options.ts';
import { assertRetention, type Retention } from './retention.ts';

/** How many of each a purge has removed, or would remove. */
export interface Purged {
  /** With all that belongs to them. */
  readonly chats: number;
  /** Of chats that stay. */
  readonly archivedItems: number;
  /** Of chats that stay, and without a chat. */
  readonly runs: number;
}

/** How a purge is made. */
export interface PurgeOptions {
  /** Only count what would be removed. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Ends the purge between two batches. */
  readonly signal?: AbortSignal | undefined;
}

const OPTIONS: Checks<PurgeOptions> = { dryRun: isAnything, signal: isAnything };

/** Rows that one statement deletes and locks. */
const BATCH_ROWS = 1_000;
const BATCH_CHATS = 100;
/** That one statement finds. */
const BATCH_USERS = 1_000;
/** Who holds it purges: "questlog" in ASCII. */
const PURGE_LOCK = '8175559652262670183';

/** Those after $1, at most $2, who have something that may be too old. */
const USERS_WHO_STORE = `
  select user_id as "userId" from (
    (select distinct user_id from chats where user_id > $1 order by user_id limit $2) union
    (select distinct user_id from runs where user_id > $1 order by user_id limit $2)
  ) as users order by user_id limit $2`;
const USERS_WHO_WANT = `
  select user_id as "userId" from (
    (select distinct user_id from chats where expires_at <= statement_timestamp() and user_id > $1 order by user_id limit $2)
    union (select user_id from user_retention where user_id > $1 order by user_id limit $2)
  ) as users order by user_id limit $2`;

/** $1 user_id, $2 inactiveDays, $3 deletedDays. */
const IS_DUE = `(c.expires_at <= statement_timestamp()
    or (not c.is_active and c.updated_at < statement_timestamp() - $3::int * interval '1 day')
    or c.updated_at < statement_timestamp() - interval '1 day' * least($2::int,
      (select r.inactive_days from user_retention r where r.user_id = $1)))`;

/** Chats are hidden before their rows go: what is half there is seen by nobody, and restored by nobody. */
const HIDE_DUE_CHATS = `
  update chats c set is_active = false, expires_at = least(c.expires_at, statement_timestamp())
  where c.user_id = $1 and c.chat_id in (
    select c.chat_id from chats c where c.user_id = $1 and ${IS_DUE} limit $4
  ) and ${IS_DUE}
  returning c.chat_id as "chatId"`;

/** $1 user_id, $2 days. */
const OLD_ARCHIVED = `archived_items where user_id = $1 and alternative_id is null
    and archived_at < statement_timestamp() - $2::int * interval '1 day'`;
const OLD_RUNS = `runs where user_id = $1 and ended_at < statement_timestamp() - $2::int * interval '1 day'`;

/**
 * Removes for good what is older than it is kept, user by user and in small batches: each is a transaction that nobody waits
 * for long. Of several processes one does a batch; the others leave it the work. What was removed before a failure stays
 * removed, and the next call goes on.
 *
 * @param db a `Database`.
 * @param keep what is not named is kept; chats whose `expires_at` has come, and what their users do not want, are removed
 * in any case.
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 */
export async function purge(
  db: Queryable,
  keep: Retention = {},
  options: PurgeOptions = {},
): Promise<Purged> {
  assertRetention(keep);
  checkOptions(options, OPTIONS);
  const forgetsAnything = Object.values(keep).some((days) => days !== undefined);
  const purged = { chats: 0, archivedItems: 0, runs: 0 };
  for (let after = ''; ; ) {
    const users = await query<{ userId: string }>(db, {
      userId: null,
      text: forgetsAnything ? USERS_WHO_STORE : USERS_WHO_WANT,
      values: [after, BATCH_USERS],
    });
    for (const { userId } of users) {
      const user = { db, userId, keep, options };
      purged.chats += await purgeChats(user);
      purged.archivedItems += await purgeRows(user, OLD_ARCHIVED, 'position, chat_id', keep.archivedDays);
      purged.runs += await purgeRows(user, OLD_RUNS, 'run_id', keep.runDays);
      after = userId;
    }
    if (users.length === 0) return purged;
  }
}

interface UserToPurge {
  readonly db: Queryable;
  readonly userId: string;
  readonly keep: Retention;
  readonly options: PurgeOptions;
}

async function purgeChats({ db, userId, keep, options }: UserToPurge): Promise<number> {
  const values = [userId, keep.inactiveDays ?? null, keep.deletedDays ?? null];
  if (options.dryRun) return count(db, userId, `chats c where c.user_id = $1 and ${IS_DUE}`, values);
  let purged = 0;
  for (;;) {
    const hidden = await inTurn(db, userId, options, (tx) =>
      query<{ chatId: string }>(tx, { userId, text: HIDE_DUE_CHATS, values: [...values, BATCH_CHATS] }),
    );
    if (hidden === undefined || hidden.length === 0) return purged;
    db.changes?.notify({ userId });
    for (const { chatId } of hidden) {
      for (const table of ['chat_items', 'archived_items', 'search_entries'])
        await emptyChat(db, userId, chatId, table, options);
      purged += (await removeChat(db, userId, chatId, options)) ?? 0;
    }
  }
}

/** In batches, so that the removal of a long chat holds up nobody. */
async function emptyChat(
  db: Queryable,
  userId: string,
  chatId: string,
  table: string,
  options: PurgeOptions,
): Promise<void> {
  for (;;) {
    const deleted = await inTurn(db, userId, options, (tx) =>
      query(tx, {
        userId,
        text: `delete from ${table} where user_id = $1 and chat_id = $2 and position in (
            select position from ${table} where user_id = $1 and chat_id = $2 order by position limit $3
          ) returning 1`,
        values: [userId, chatId, BATCH_ROWS],
      }),
    );
    if (deleted === undefined || deleted.length < BATCH_ROWS) return;
  }
}

async function removeChat(
  db: Queryable,
  userId: string,
  chatId: string,
  options: PurgeOptions,
): Promise<number | undefined> {
  return inTurn(db, userId, options, async (tx) => {
    const removed = await query(tx, {
      userId,
      text: `delete from chats where user_id = $1 and chat_id = $2
        and not is_active and expires_at <= statement_timestamp() returning 1`,
      values: [userId, chatId],
    });
    return removed.length;
  });
}

/** Of a table those that are so many days old; none where they are kept. */
async function purgeRows(
  { db, userId, options }: UserToPurge,
  old: string,
  key: string,
  days: number | undefined,
): Promise<number> {
  if (days === undefined) return 0;
  if (options.dryRun) return count(db, userId, old, [userId, days]);
  const [table] = old.split(' ');
  let purged = 0;
  for (;;) {
    const deleted = await inTurn(db, userId, options, (tx) =>
      query(tx, {
        userId,
        text: `delete from ${table} where user_id = $1 and (${key}) in (select ${key} from ${old} limit $3) returning 1`,
        values: [userId, days, BATCH_ROWS],
      }),
    );
    purged += deleted?.length ?? 0;
    if (deleted === undefined || deleted.length < BATCH_ROWS) return purged;
  }
}

/** Does a batch, unless another process is about one: then undefined. */
function inTurn<Result>(
  db: Queryable,
  userId: string,
  { signal }: PurgeOptions,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result | undefined> {
  signal?.throwIfAborted();
  return atomically(db, userId, async (tx) => {
    const [lock] = await query<{ isMine: boolean }>(tx, {
      userId: null,
      text: 'select pg_try_advisory_xact_lock($1::bigint) as "isMine"',
      values: [PURGE_LOCK],
    });
    return lock?.isMine ? work(tx) : undefined;
  });
}

async function count(db: Queryable, userId: string, rows: string, values: unknown[]): Promise<number> {
  const [found] = await query<{ count: number }>(db, {
    userId,
    text: `select count(*)::int as count from ${rows}`,
    values,
  });
  return found?.count ?? 0;
}
