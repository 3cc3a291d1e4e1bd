import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { preparePGlite } from './pglite-template.ts';
import { type PostgresServer, startPostgres, usePostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL: `prefix` begins the name of every database that the tests make there. */
    readonly postgres: { readonly url: string; readonly prefix: string };
    /** The engines and their versions, in words. */
    readonly databases: readonly string[];
    /** A folder for the run's files, removed at its end. */
    readonly scratch: string;
  }
}

let server: PostgresServer | undefined;
let scratch: string | undefined;

/** Once a run: a real PostgreSQL beside PGlite, so that every test of the database runs on both. */
export async function setup(project: TestProject): Promise<void> {
  const external = process.env.TEST_DATABASE_URL;
  const prefix = `questlog_test_${randomBytes(4).toString('hex')}_`;
  const pglite = await preparePGlite();
  server = external ? await usePostgres(external, prefix) : await startPostgres();
  scratch = mkdtempSync(join(tmpdir(), 'questlog-tests-'));
  project.provide('postgres', { url: server.url, prefix });
  project.provide('scratch', scratch);
  project.provide('databases', [`PGlite ${pglite}`, server.description]);
}

export async function teardown(): Promise<void> {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  await server?.stop();
}
