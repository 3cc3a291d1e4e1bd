import { fileURLToPath } from 'node:url';
import { invalidField } from '../errors.ts';
import type { Database } from './driver.ts';
import type { PostgresOptions } from './postgres.ts';

export type OpenOptions = PostgresOptions;

/**
 * Opens a database and makes sure that it answers. Loads the driver that the URL needs, and no other.
 *
 * @param url `postgres://…` for a PostgreSQL server; `memory://` for a database that is gone when it closes; anything
 * else is a folder for PostgreSQL embedded in this process (PGlite), made when missing.
 * @throws QuestlogError `database_unavailable`, `database_locked`, `database_failed`.
 */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<Database> {
  if (url === '') throw invalidField('url', 'must not be empty');
  if (/^postgres(ql)?:\/\//i.test(url)) {
    const { openPostgres } = await import('./postgres.ts');
    return openPostgres(url, options);
  }
  if (/^memory:(\/\/)?$/.test(url)) {
    const { openMemory } = await import('./pglite.ts');
    return openMemory();
  }
  const folder = toFolder(url);
  const { openFolder } = await import('./pglite.ts');
  return openFolder(folder);
}

/** Refuses what was meant as a URL, or a slip would silently become a folder with a password in its name. */
function toFolder(url: string): string {
  if (/^file:\/\/\//i.test(url)) return fileURLToPath(url);
  // Two letters at least: `C:\data` is a folder.
  if (/:\/\/|^[\w+.-]{2,}:/.test(url)) {
    throw invalidField('url', 'must be postgres://…, memory:// or a folder');
  }
  return url;
}
