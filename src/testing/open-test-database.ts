import type { Database } from '../database/database.ts';
import { type OpenOptions, openDatabase } from '../database/open.ts';
import { migrate } from '../driver/migrate.ts';

/**
 * A database in memory with all tables in it, gone when it is closed: PostgreSQL itself, in this process (PGlite). It takes a
 * second to make; tests that use a user each can share one.
 *
 * @example
 * const db = await openTestDatabase();
 * after(() => db.close());
 * @throws QuestlogError `invalid_configuration` when `@electric-sql/pglite` is not installed.
 */
export async function openTestDatabase(options: Pick<OpenOptions, 'schema'> = {}): Promise<Database> {
  const db = await openDatabase('memory://', options);
  await migrate(db);
  return db;
}
