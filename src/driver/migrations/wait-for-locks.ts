import { setTimeout as sleep } from 'node:timers/promises';
import { QuestlogError } from '../../errors.ts';
import { type Queryable, query, type Transaction } from '../driver.ts';
import { sqlstateOf } from '../sqlstate.ts';
import { nameTables } from './name-tables.ts';

/** How `migrate` waits for those who use the tables. */
export interface MigrateOptions {
  /**
   * How often it asks for its locks, half a second each time, before it gives up and has changed nothing. Between two it
   * holds none, for half a second at first and ten at last. Default: 20, which are three minutes.
   */
  readonly attempts?: number | undefined;
  /** Told in words for whom it waits, each time that it does. */
  readonly onWait?: ((words: string) => void) | undefined;
}

const ATTEMPTS = 20;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;
/**
 * Whoever comes after a migration that waits for a lock waits behind it. Shorter than PostgreSQL takes to look for a
 * deadlock (a second): of two who wait for each other, the migration gives way.
 */
const LOCK_TIMEOUT_MS = 500;
const MAX_HOLDERS = 3;

/** Before each script of a migration. */
export const LIMIT_WAIT = `set local lock_timeout = ${LOCK_TIMEOUT_MS};`;

/** lock_not_available, deadlock_detected: somebody else has what it needs. */
const LOCK_CODES: ReadonlySet<string> = new Set(['55P03', '40P01']);

/**
 * Does `work` of a transaction again, from its beginning, until it gets its locks. Between two attempts the transaction
 * stays open, and keeps what it did before: the lock by which only one process migrates.
 *
 * @throws QuestlogError `database_busy` that says who holds them, when it has not got them in all attempts.
 */
export async function waitForLocks<Result>(
  tx: Transaction,
  { attempts = ATTEMPTS, onWait }: MigrateOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  await say(tx, 'set local idle_in_transaction_session_timeout = 0');
  await say(tx, 'savepoint questlog_migration');
  for (let attempt = 1; ; attempt += 1) {
    const began = await readClock(tx);
    try {
      await say(tx, LIMIT_WAIT);
      return await work();
    } catch (error) {
      if (!isLockFailure(error)) throw error;
      await say(tx, 'rollback to savepoint questlog_migration');
      const holders = await describeHolders(tx, began);
      if (attempt === attempts) throw gaveUp(attempts, holders, error);
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), MAX_PAUSE_MS);
      onWait?.(
        `the migration waits for ${holders}: attempt ${attempt} of ${attempts}, the next one in ${pause / 1000} s`,
      );
      await sleep(pause);
    }
  }
}

async function readClock(tx: Transaction): Promise<string> {
  const [row] = await query<{ now: string }>(tx, {
    userId: null,
    text: 'select clock_timestamp()::text as now',
  });
  return row?.now ?? 'now';
}

async function say(tx: Transaction, text: string): Promise<void> {
  await query(tx, { userId: null, text });
}

function isLockFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return LOCK_CODES.has(sqlstateOf(error) ?? '') || isLockFailure(error.cause);
}

function gaveUp(attempts: number, holders: string, cause: unknown): QuestlogError {
  const remedy = 'nothing was changed; try again when they are done';
  return new QuestlogError(
    'database_busy',
    `the migration did not get its locks in ${attempts} attempts, because of ${holders}: ${remedy}`,
    { cause },
  );
}

interface Holder {
  readonly pid: number | null;
  readonly kind: string | null;
  readonly role: string | null;
  readonly application: string | null;
  /** Since it began its transaction; null where this role may not know. */
  readonly seconds: number | null;
}

/** Those that have a lock of one of the tables since before an attempt, the longest first: no word of what they ask. */
async function describeHolders(db: Queryable, began: string): Promise<string> {
  const holders = await query<Holder>(db, {
    userId: null,
    text: `select l.pid, a.backend_type as kind, a.usename::text as role, nullif(a.application_name, '') as application,
        extract(epoch from clock_timestamp() - a.xact_start)::int as seconds
      from (select distinct pid from pg_locks where granted and relation in (select to_regclass(name) from unnest($1::text[]) as name)
          and database = (select oid from pg_database where datname = current_database())) as l
        left join pg_stat_activity a on a.pid = l.pid
      where l.pid is distinct from pg_backend_pid()
        and (a.xact_start is null or a.xact_start < $2::timestamptz)
      order by a.xact_start limit ${MAX_HOLDERS}`,
    values: [await nameTables(), began],
  });
  if (holders.length === 0) return 'others, who have locks of its tables';
  return holders.map(describeHolder).join(', ');
}

function describeHolder({ pid, kind, role, application, seconds }: Holder): string {
  if (pid === null) return 'a prepared transaction';
  const facts = [
    kind === 'client backend' || kind === null ? undefined : kind,
    application === null ? undefined : application,
    role === null ? undefined : `role ${role}`,
    seconds === null ? undefined : `for ${seconds} s`,
  ].filter((fact) => fact !== undefined);
  return [`process ${pid}`, ...(facts.length === 0 ? [] : [`(${facts.join(', ')})`])].join(' ');
}
