import { atomically, type Queryable, query } from '../../driver/driver.ts';
import { type Checks, checkOptions, isAnything, isFunction, optional } from '../../options.ts';
import { assertRetention, type Retention } from './retention.ts';

/** How many of each a purge has removed, or would remove. */
export interface Purged {
  /** With all that belongs to them. */
  readonly chats: number;
  /** Of chats that stay. */
  readonly archivedItems: number;
  /** Of chats that stay, and without a chat. */
  readonly runs: number;
  /** Rows of what models were used for. */
  readonly usage: number;
}

/** How a purge is made. */
export interface PurgeOptions {
  /** Only count what would be removed. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Ends the purge between two batches. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each user with what has been removed, or counted, so far. */
  readonly onProgress?: ((purged: Purged) => void) | undefined;
}

const OPTIONS: Checks<PurgeOptions> = {
  dryRun: isAnything,
  signal: isAnything,
  onProgress: optional(isFunction),
};

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
    (select distinct user_id from runs where user_id > $1 order by user_id limit $2) union
    (select distinct user_id from usage_days where user_id > $1 order by user_id limit $2)
  ) as users order by user_id limit $2`;
const USERS_WHO_WANT = `
  select user_id as "userId" from (
    (select distinct user_id from chats where expires_at <= statement_timestamp() and user_id > $1 order by user_id limit $2)
    union (select user_id from user_retention where user_id > $1 order by user_id limit $2)
  ) as users order by user_id limit $2`;

/** Of a chat of the user $1; the parameters are inactiveDays and deletedDays. */
const isDue = (inactive: string, deleted: string) => `(c.expires_at <= statement_timestamp()
    or (not c.is_active and c.updated_at < statement_timestamp() - ${deleted}::int * interval '1 day')
    or c.updated_at < statement_timestamp() - interval '1 day' * least(${inactive}::int,
      (select r.inactive_days from user_retention r where r.user_id = $1)))`;
/** $1 user_id, $2 inactiveDays, $3 deletedDays. */
const DUE_CHATS = `chats c where c.user_id = $1 and ${isDue('$2', '$3')}`;

/** Chats are hidden before their rows go: what is half there is seen by nobody, and restored by nobody. */
const HIDE_DUE_CHATS = `
  update chats c set is_active = false, expires_at = least(c.expires_at, statement_timestamp())
  where c.user_id = $1 and c.chat_id in (
    select c.chat_id from ${DUE_CHATS} limit $4
  ) and ${isDue('$2', '$3')}
  returning c.chat_id as "chatId"`;

/** Rows of the user $1, of which some condition with $2 says which; the key tells them apart. */
interface Rows {
  readonly table: string;
  readonly key: string;
  readonly where: string;
  /** They do not go with their chat. */
  readonly outlivesChat?: boolean;
}
/** $2 days. */
const OLD_ARCHIVED: Rows = {
  table: 'archived_items',
  key: 'chat_id, position',
  where: `alternative_id is null and archived_at < statement_timestamp() - $2::int * interval '1 day'`,
};
const OLD_RUNS: Rows = {
  table: 'runs',
  key: 'run_id',
  where: `ended_at < statement_timestamp() - $2::int * interval '1 day'`,
};
const IS_OLD_DAY = `day < (statement_timestamp() at time zone 'UTC')::date - $2::int`;
const OLD_USAGE: Rows = {
  table: 'model_usage',
  key: 'day, run_id, model, writer',
  where: IS_OLD_DAY,
  outlivesChat: true,
};
const OLD_DAYS: Rows = { table: 'usage_days', key: 'day', where: IS_OLD_DAY, outlivesChat: true };
/** What a chat, $2, may have many of. All else of it goes with one of these, or with the chat. */
const ROWS_OF_CHAT: readonly Rows[] = [
  { table: 'chat_items', key: 'chat_id, position', where: 'chat_id = $2' },
  { table: 'archived_items', key: 'chat_id, position', where: 'chat_id = $2' },
  { table: 'search_entries', key: 'chat_id, position', where: 'chat_id = $2' },
  { table: 'search_embeddings', key: 'chat_id, position', where: 'chat_id = $2' },
  { table: 'runs', key: 'run_id', where: 'chat_id = $2' },
];

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
  const purged = { chats: 0, archivedItems: 0, runs: 0, usage: 0 };
  for (let after = ''; ; ) {
    const users = await query<{ userId: string }>(db, {
      userId: null,
      text: forgetsAnything ? USERS_WHO_STORE : USERS_WHO_WANT,
      values: [after, BATCH_USERS],
    });
    for (const { userId } of users) {
      const user = { db, userId, keep, options };
      purged.chats += await purgeChats(user);
      purged.archivedItems += await purgeOld(user, OLD_ARCHIVED, keep.archivedDays);
      purged.runs += await purgeOld(user, OLD_RUNS, keep.runDays);
      // The days last: who has one is looked at.
      purged.usage += await purgeOld(user, OLD_USAGE, keep.usageDays);
      await purgeOld(user, OLD_DAYS, keep.usageDays);
      options.onProgress?.({ ...purged });
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
  if (options.dryRun) return count(db, userId, DUE_CHATS, values);
  let purged = 0;
  for (;;) {
    const hidden = await inTurn(db, userId, options, (tx) =>
      query<{ chatId: string }>(tx, { userId, text: HIDE_DUE_CHATS, values: [...values, BATCH_CHATS] }),
    );
    if (hidden === undefined || hidden.length === 0) return purged;
    db.changes?.notify({ userId });
    for (const { chatId } of hidden) purged += await removeChat(db, userId, chatId, options);
  }
}

/** @returns how many went: none while another process is about a batch, which leaves rows that are not to go at once. */
async function removeChat(
  db: Queryable,
  userId: string,
  chatId: string,
  options: PurgeOptions,
): Promise<number> {
  for (const rows of ROWS_OF_CHAT)
    if (!(await deleteInBatches(db, userId, rows, chatId, options)).isDone) return 0;
  const removed = await inTurn(db, userId, options, (tx) =>
    query(tx, {
      userId,
      text: `delete from chats where user_id = $1 and chat_id = $2
        and not is_active and expires_at <= statement_timestamp() returning 1`,
      values: [userId, chatId],
    }),
  );
  return removed?.length ?? 0;
}

/** None where they are kept. Those of chats that are due go, and are counted, with their chat. */
async function purgeOld(
  { db, userId, keep, options }: UserToPurge,
  rows: Rows,
  days: number | undefined,
): Promise<number> {
  if (days === undefined) return 0;
  if (!options.dryRun) return (await deleteInBatches(db, userId, rows, days, options)).deleted;
  if (rows.outlivesChat)
    return count(db, userId, `${rows.table} where user_id = $1 and ${rows.where}`, [userId, days]);
  const text = `${rows.table} as old where user_id = $1 and ${rows.where} and not exists (
    select from chats c where c.user_id = $1 and c.chat_id = old.chat_id and ${isDue('$3', '$4')})`;
  return count(db, userId, text, [userId, days, keep.inactiveDays ?? null, keep.deletedDays ?? null]);
}

/** So that many rows hold up nobody. They are not done where another process is about a batch. */
async function deleteInBatches(
  db: Queryable,
  userId: string,
  { table, key, where }: Rows,
  value: string | number,
  options: PurgeOptions,
): Promise<{ readonly deleted: number; readonly isDone: boolean }> {
  for (let deleted = 0; ; ) {
    const batch = await inTurn(db, userId, options, (tx) =>
      query(tx, {
        userId,
        text: `delete from ${table} where user_id = $1 and (${key}) in (
            select ${key} from ${table} where user_id = $1 and ${where} limit $3
          ) returning 1`,
        values: [userId, value, BATCH_ROWS],
      }),
    );
    deleted += batch?.length ?? 0;
    if (batch === undefined || batch.length < BATCH_ROWS) return { deleted, isDone: batch !== undefined };
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
