import { type OpenOptions, openDriver } from '../driver/open.ts';
import { Database } from './database.ts';

export type { OpenOptions };

/**
 * Opens a database and makes sure that it answers. Loads the driver that the URL needs, and no other.
 *
 * @param url `postgres://…` for a PostgreSQL server; `memory://` for a database that is gone when it closes; anything
 * else is a folder for PostgreSQL embedded in this process (PGlite), made when missing.
 * @throws QuestlogError `database_unavailable`, `database_locked`; `database_failed` for a server, a database or a pooler that
 * cannot be used, in words that say why.
 */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  return new Database(await openDriver(url, options));
}
