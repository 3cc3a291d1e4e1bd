import { type OpenOptions, openDriver } from '../driver/open.ts';
import type { ConnectionPool } from '../driver/postgres/connection-pool.ts';
import { Database } from './database.ts';

export type { OpenOptions };

/**
 * Opens a database and makes sure that it answers. Loads the driver that the URL needs, and no other.
 *
 * @param place `postgres://…` for a PostgreSQL server, or several (`postgres://a,b/name?target_session_attrs=read-write`) of
 * which the first that takes a connection is used; `memory://` for a database that is gone when it closes; any other text is
 * a folder for PostgreSQL embedded in this process (PGlite), made when missing. Or a pool of the application's: of `pg`,
 * or with its interface, such as Neon's and Vercel's. Closing the database does not end that.
 * @throws QuestlogError `database_unavailable`, `database_locked`; `database_failed` for a server, a database or a pooler that
 * cannot be used, in words that say why.
 */
export async function openDatabase(
  place: string | ConnectionPool,
  options: OpenOptions = {},
): Promise<Database> {
  return new Database(await openDriver(place, options));
}
