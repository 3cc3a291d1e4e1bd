import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres, usePostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL: `prefix` begins the name of every database that the tests make there. */
    readonly postgres: { readonly url: string; readonly prefix: string };
  }
}

let server: PostgresServer | undefined;

/** Once a run: a real PostgreSQL beside PGlite, so that every test of the database runs on both. */
export async function setup(project: TestProject): Promise<void> {
  const external = process.env.TEST_DATABASE_URL;
  const prefix = `questlog_test_${randomBytes(4).toString('hex')}_`;
  server = external ? await usePostgres(external, prefix) : await startPostgres();
  project.provide('postgres', { url: server.url, prefix });
  project.vitest.logger.log(`Questlog tests run on PGlite ${pgliteVersion()} and ${server.description}`);
}

export async function teardown(): Promise<void> {
  await server?.stop();
}

function pgliteVersion(): string {
  const { packages } = createRequire(import.meta.url)('../../package-lock.json');
  return packages['node_modules/@electric-sql/pglite'].version;
}
