import { fileURLToPath } from 'node:url';
import { invalidField } from '../errors.ts';
import { type Checks, checkOptions, isAnything, isCount, isFunction, optional } from '../options.ts';
import type { Driver } from './driver.ts';
import type { ConnectionPool } from './postgres/connection-pool.ts';
import type { PostgresOptions } from './postgres/postgres-driver.ts';
import { assertSchema } from './schema.ts';

export type OpenOptions = PostgresOptions;

const OPTIONS: Checks<OpenOptions> = {
  schema: isAnything,
  poolSize: optional(isCount),
  onIdleError: optional(isFunction),
};

const POSTGRES = /^postgres(ql)?:\/\//i;

/** Opens the driver that a URL or a pool needs, and loads no other: see `openDatabase`. */
export async function openDriver(place: string | ConnectionPool, options: OpenOptions = {}): Promise<Driver> {
  checkOptions(options, OPTIONS);
  assertSchema(options.schema);
  if (typeof place !== 'string') {
    if (typeof Object(place).connect !== 'function')
      throw invalidField(
        'url',
        `must be a URL, a folder or a pool, and is ${place === null ? null : typeof place}`,
      );
    const { openPool } = await import('./postgres/postgres-driver.ts');
    return openPool(place, options);
  }
  if (place.trim() === '') throw invalidField('url', 'must not be empty');
  if (POSTGRES.test(place)) {
    const { openPostgres } = await import('./postgres/postgres-driver.ts');
    return openPostgres(place, options);
  }
  const folder = toFolder(place);
  const { openFolder, openMemory } = await import('./pglite/pglite-driver.ts');
  return folder === undefined ? openMemory(options) : openFolder(folder, options);
}

/**
 * The folder that a text names; undefined: it names a server, or memory. Refuses what was meant as a URL, or a slip would
 * silently become a folder with a password in its name.
 */
export function toFolder(url: string): string | undefined {
  if (POSTGRES.test(url) || /^memory:(\/\/)?$/.test(url)) return undefined;
  if (/^file:\/\/\//i.test(url)) return fileURLToPath(url);
  // Two letters at least: `C:\data` is a folder. `:memory:` is SQLite's.
  if (/:\/\/|^[\w+.-]{2,}:|^:/.test(url)) {
    throw invalidField('url', 'must be postgres://…, memory:// or a folder');
  }
  return url;
}
