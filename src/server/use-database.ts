import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open.ts';
import { migrate, planMigrations } from '../driver/migrate.ts';
import { QuestlogError } from '../errors.ts';
import { type Config, readConfig } from './config.ts';

/** Opens the database that the environment names, for as long as a command works with it. */
export async function useDatabase<Result>(
  work: (db: Database, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(process.env);
  const db = await openDatabase(config.database, { schema: config.schema });
  try {
    return await work(db, config);
  } finally {
    await db.close();
  }
}

/** To whoever has typed a command. */
export function tellWait(words: string): void {
  process.stderr.write(`${words}\n`);
}

/**
 * Brings the tables up to date, or makes sure that they are.
 *
 * @param mayMigrate whether they may be changed.
 * @param onWait told in words for whom that waits.
 * @throws QuestlogError `invalid_configuration` that names the migrations which are missing.
 */
export async function prepareTables(
  db: Database,
  { migrates }: Config,
  mayMigrate = true,
  onWait = tellWait,
): Promise<void> {
  if (migrates && mayMigrate) {
    await migrate(db, { onWait });
    return;
  }
  const { names } = await planMigrations(db);
  if (names.length === 0) return;
  const why = migrates ? '' : ', and QUESTLOG_MIGRATE is off';
  throw new QuestlogError(
    'invalid_configuration',
    `the database lacks migrations (${names.join(', ')})${why}: run questlog migrate`,
  );
}
