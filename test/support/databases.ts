import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import { newId } from '../../src/ids.ts';
import { createCluster } from './citus.ts';
import { copyPGlite } from './pglite-template.ts';
import { asAdmin } from './postgres-server.ts';

/** One engine to test on, for `describe.each(DATABASES)('$name', ({ open }) => …)`. */
export interface TestDatabases {
  readonly name: 'PGlite' | 'PostgreSQL' | 'Citus';
  /**
   * The migrated database that all tests of a worker share. Isolate by data (`newUser`), and do not close it.
   */
  readonly open: () => Promise<Database>;
  /** A database without any table, for one test: closed when the test ends. */
  readonly openEmpty: () => Promise<Database>;
}

const EMBEDDED_AND_SERVER: readonly TestDatabases[] = [
  { name: 'PGlite', open: once(() => openMigrated(newPGliteFolder())), openEmpty: emptyPGlite },
  {
    name: 'PostgreSQL',
    open: once(async () => openMigrated(await createPostgresDatabase())),
    openEmpty: async () => closedAfterTest(await openDatabase(await createPostgresDatabase())),
  },
];

/** A cluster on which nothing else runs takes the place of both: `npm run test:citus`. */
export const DATABASES = process.env.CITUS_URL ? [onCluster(process.env.CITUS_URL)] : EMBEDDED_AND_SERVER;

/** The one that is a server: for what is not tried on each. */
export const SERVER = DATABASES.at(-1) as TestDatabases;

function onCluster(url: string): TestDatabases {
  const { prefix } = inject('postgres');
  return {
    name: 'Citus',
    open: once(() => openDatabase(inject('cluster') ?? '')),
    openEmpty: async () => closedAfterTest(await openDatabase(await createCluster(url, prefix))),
  };
}

/**
 * Creates an empty database on the run's PostgreSQL, gone when the run ends.
 *
 * @param options SQL for `create database`, such as an encoding.
 * @returns its URL.
 */
export async function createPostgresDatabase(options = ''): Promise<string> {
  const { url, prefix } = inject('postgres');
  const name = `${prefix}${newId().replaceAll('-', '')}`;
  await asAdmin(url, (client) =>
    client.query(`create database ${name} template template0 ${options || "encoding 'UTF8'"}`),
  );
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** A new folder, removed when the run ends. */
export function newFolder(): string {
  return mkdtempSync(join(inject('scratch'), 'folder-'));
}

/** A new folder with an empty PGlite in it. */
export function newPGliteFolder(): string {
  const folder = newFolder();
  copyPGlite(folder);
  return folder;
}

/** What a server of its own is told: a database like this, unless `env` names another one. */
export function databaseBeside(env: Readonly<Record<string, string>>): Record<string, string> {
  return 'DATABASE_URL' in env || 'QUESTLOG_DATA_DIR' in env ? {} : { QUESTLOG_DATA_DIR: newPGliteFolder() };
}

/** A user that no other test knows. */
export function newUser(): string {
  return `user-${newId()}`;
}

/** Closes `database` when the running test ends. */
export function closedAfterTest(database: Database): Database {
  onTestFinished(() => database.close());
  return database;
}

/** One more PGlite a worker, whose tables are dropped before each test. */
const spare = once(() => openDatabase(newPGliteFolder()));

async function emptyPGlite(): Promise<Database> {
  const database = await spare();
  await database.exec(
    'drop schema public cascade; create schema public; grant usage on schema public to public',
  );
  return database;
}

async function openMigrated(url: string): Promise<Database> {
  const database = await openDatabase(url);
  await migrate(database);
  return database;
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
