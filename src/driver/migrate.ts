import { QuestlogError } from '../errors.ts';
import { type Checks, checkOptions, isCount, isFunction, optional } from '../options.ts';
import { type Driver, type Queryable, query, type Transaction } from './driver.ts';
import { type Migration, readMigrations } from './migrations/read-migrations.ts';
import { LIMIT_WAIT, type MigrateOptions, waitForLocks } from './migrations/wait-for-locks.ts';
import { assertVisible } from './rights.ts';
import { quoteSchema } from './schema.ts';
import { sqlstateOf } from './sqlstate.ts';

/** Any constant will do, as long as every version of Questlog uses the same. */
const LOCK_KEY = 5_147_326_014;
/** One migration or distribution of a database at a time. */
export const LOCK = `select pg_advisory_xact_lock(${LOCK_KEY})`;
const TRY_LOCK = `select pg_try_advisory_xact_lock(${LOCK_KEY}) as "isMine"`;

const OPTIONS: Checks<MigrateOptions> = { attempts: optional(isCount), onWait: optional(isFunction) };

/** insufficient_privilege; invalid_schema_name: of no schema of its path it has the right to use. */
const FORBIDDEN_CODES: ReadonlySet<string> = new Set(['42501', '3F000']);

export type { MigrateOptions };

/** What there is to migrate. */
export interface MigrationPlan {
  readonly names: readonly string[];
  readonly script: string;
}

const CREATE_TABLE = `create table if not exists questlog_migrations (
  number int primary key, name text not null, applied_at timestamptz not null default now())`;

/**
 * Brings the database's tables to this version: applies the numbered scripts that it has not seen, all or none.
 * Safe to call from many processes at once; the first does the work. Upgrades the seed's original `chats` table. Where
 * nothing is to be done it only reads, so a role that may do no more than that and write rows can call it, too.
 *
 * Others go on while it waits for a lock that somebody holds: it asks for half a second, lets those pass who came after it,
 * and asks again.
 *
 * @returns the names of the migrations that were applied now.
 * @throws QuestlogError `database_newer` when a later version of Questlog has been here; `database_failed`, which names the
 * migrations, when there are some that this role may not apply, or the schema that it may not use; `database_busy`, which
 * names who holds them, when it did not get its locks. Then nothing was changed.
 */
export async function migrate(db: Driver, options: MigrateOptions = {}): Promise<string[]> {
  checkOptions(options, OPTIONS);
  const migrations = await readMigrations();
  const pending = await findPending(db, migrations);
  if (pending.length === 0) return [];
  try {
    return await db.transaction(async (tx) => {
      await lock(tx, options);
      return waitForLocks(tx, options, () => applyPending(tx, migrations, db.schema));
    }, null);
  } catch (error) {
    const refusal = findRefusal(error);
    throw refusal === undefined ? error : forbidden(pending, refusal);
  }
}

/**
 * What `migrate` would do, without doing it.
 *
 * @returns the names of the migrations that it would apply, and a script for `psql` that does the same; both empty where
 * nothing is to be done.
 * @throws QuestlogError `database_newer` when a later version of Questlog has been here.
 */
export async function planMigrations(db: Driver): Promise<MigrationPlan> {
  const pending = await findPending(db, await readMigrations());
  return {
    names: pending.map(({ name }) => name),
    script: pending.length === 0 ? '' : toScript(db, pending),
  };
}

/** Whether every migration of this version has been applied, and none of a later one. */
export async function isMigrated(db: Queryable): Promise<boolean> {
  const migrations = await readMigrations();
  const applied = await findApplied(db);
  return applied.size === migrations.length && migrations.every(({ number }) => applied.has(number));
}

/** Whether every migration of this version has been applied; later ones change nothing for a process that is at work. */
export async function hasMigrations(db: Queryable): Promise<boolean> {
  const migrations = await readMigrations();
  const applied = await findApplied(db);
  return migrations.every(({ number }) => applied.has(number));
}

/** Whether the database has tables of Questlog, of this version or another one. */
export async function hasTables(db: Driver): Promise<boolean> {
  return (await findApplied(db)).size > 0;
}

async function lock(tx: Transaction, { onWait }: MigrateOptions): Promise<void> {
  const [first] = await query<{ isMine: boolean }>(tx, { userId: null, text: TRY_LOCK });
  if (first?.isMine) return;
  onWait?.('another process migrates or distributes this database: waiting until it is done');
  // As a script, because it may have to wait longer than any statement.
  await tx.exec(LOCK);
}

async function applyPending(
  tx: Transaction,
  migrations: readonly Migration[],
  schema: string | undefined,
): Promise<string[]> {
  if (schema !== undefined) await createSchema(tx, schema);
  await query(tx, { userId: null, text: CREATE_TABLE });
  const pending = await findPending(tx, migrations);
  for (const migration of pending) await apply(tx, migration);
  return pending.map(({ name }) => name);
}

/** Names come from files of ours. */
function toScript({ schema }: Driver, pending: readonly Migration[]): string {
  const place =
    schema === undefined
      ? []
      : [
          `create schema if not exists ${quoteSchema(schema)};`,
          `set local search_path = ${quoteSchema(schema)};`,
        ];
  const steps = pending.flatMap(({ number, name, script }) => [
    `-- ${name}`,
    script.trimEnd(),
    `insert into questlog_migrations (number, name) values (${number}, '${name}');`,
  ]);
  return ['begin;', `${LOCK};`, LIMIT_WAIT, ...place, `${CREATE_TABLE};`, ...steps, 'commit;', ''].join('\n');
}

/**
 * Asks first: to create one "if not exists" takes a right of its own, also where it exists. One that is named as the role
 * comes before `public` in its search path, and would hide tables from whoever names no schema.
 */
async function createSchema(tx: Transaction, schema: string): Promise<void> {
  const [found] = await query<{ exists: boolean; hides: boolean }>(tx, {
    userId: null,
    text: `select exists (select from pg_namespace where nspname = $1),
      $1 = current_user and to_regclass('public.questlog_migrations') is not null as hides`,
    values: [schema],
  });
  if (found?.exists) return;
  if (found?.hides) {
    throw new QuestlogError(
      'invalid_configuration',
      `a schema ${schema}, named as the role, would hide Questlog's tables in public: name it otherwise`,
    );
  }
  await tx.exec(`create schema ${quoteSchema(schema)}`);
}

/** Those that the database has not seen. */
async function findPending(db: Queryable, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied = await findApplied(db);
  if (applied.size === 0) await assertVisible(db);
  assertNotNewer(migrations, applied);
  return migrations.filter(({ number }) => !applied.has(number));
}

/** The numbers of the applied ones: none where not even their table is there. */
async function findApplied(db: Queryable): Promise<Set<number>> {
  const tables = await query(db, {
    userId: null,
    text: `select 1 from pg_class where oid = to_regclass('questlog_migrations')`,
  });
  if (tables.length === 0) return new Set();
  const rows = await query<{ number: number }>(db, {
    userId: null,
    text: 'select number from questlog_migrations',
  });
  return new Set(rows.map(({ number }) => number));
}

function assertNotNewer(known: readonly Migration[], applied: ReadonlySet<number>): void {
  const newest = known.at(-1)?.number ?? 0;
  const seen = Math.max(0, ...applied);
  if (seen > newest) {
    throw new QuestlogError(
      'database_newer',
      `the database is at migration ${seen}, this version of Questlog knows ${newest}: use a newer Questlog`,
    );
  }
}

async function apply(tx: Transaction, migration: Migration): Promise<void> {
  try {
    await tx.exec(`${LIMIT_WAIT}\n${migration.script}`);
  } catch (error) {
    throw failed(migration, error);
  }
  await query(tx, {
    userId: null,
    text: 'insert into questlog_migrations (number, name) values ($1, $2)',
    values: [migration.number, migration.name],
  });
}

function failed({ name }: Migration, error: unknown): QuestlogError {
  const remedy =
    "nothing was changed; where the database has tables of these names that are not Questlog's, give it a schema of its " +
    'own (`openDatabase(url, { schema })`, QUESTLOG_SCHEMA)';
  const message = `migration ${name} failed: ${reasonOf(error)}: ${remedy}`;
  return new QuestlogError('database_failed', message, { cause: error });
}

/** The database's own words. */
function reasonOf(error: unknown): string {
  if (error instanceof QuestlogError && error.cause !== undefined) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

/** The server's own words, when it says that this role lacks a right. */
function findRefusal(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return FORBIDDEN_CODES.has(sqlstateOf(error) ?? '') ? error : findRefusal(error.cause);
}

function forbidden(pending: readonly Migration[], cause: Error): QuestlogError {
  const names = pending.map(({ name }) => name).join(', ');
  const remedy = 'start once as the role that owns its tables, and sees all their rows';
  return new QuestlogError(
    'database_failed',
    `this role may not apply the migrations that the database lacks (${names}): ${remedy}`,
    { cause },
  );
}
