import { fileURLToPath } from 'node:url';
import { invalidField } from '../errors.ts';
import type { Driver } from './driver.ts';
import type { PostgresOptions } from './postgres/postgres-driver.ts';

export type OpenOptions = PostgresOptions;

/** Opens the driver that a URL needs, and loads no other: see `openDatabase`. */
export async function openDriver(url: string, options: OpenOptions = {}): Promise<Driver> {
  if (url === '') throw invalidField('url', 'must not be empty');
  if (/^postgres(ql)?:\/\//i.test(url)) {
    const { openPostgres } = await import('./postgres/postgres-driver.ts');
    return openPostgres(url, options);
  }
  if (/^memory:(\/\/)?$/.test(url)) {
    const { openMemory } = await import('./pglite/pglite-driver.ts');
    return openMemory();
  }
  const folder = toFolder(url);
  const { openFolder } = await import('./pglite/pglite-driver.ts');
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
