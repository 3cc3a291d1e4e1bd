import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createDistributed, dropClusters } from './citus.ts';
import { preparePGlite } from './pglite-template.ts';
import { type PostgresServer, startPostgres, usePostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL: `prefix` begins the name of every database that the tests make there. */
    readonly postgres: { readonly url: string; readonly prefix: string };
    /** A distributed database, where `CITUS_URL` names a cluster. */
    readonly cluster: string | undefined;
    /** The engines and their versions, in words. */
    readonly databases: readonly string[];
    /** A folder for the run's files, removed at its end. */
    readonly scratch: string;
  }
}

/** The coordinator of a Citus, for the suites that run on one. */
const cluster = process.env.CITUS_URL;
let server: PostgresServer | undefined;
let scratch: string | undefined;
let prefix = '';

/** Once a run: a real PostgreSQL beside PGlite, so that every test of the database runs on both. */
export async function setup(project: TestProject): Promise<void> {
  const external = process.env.TEST_DATABASE_URL;
  prefix = `questlog_test_${randomBytes(4).toString('hex')}_`;
  const pglite = await preparePGlite();
  server = external ? await usePostgres(external, prefix) : await startPostgres();
  scratch = mkdtempSync(join(tmpdir(), 'questlog-tests-'));
  project.provide('postgres', { url: server.url, prefix });
  project.provide('cluster', cluster ? await createDistributed(cluster, prefix) : undefined);
  project.provide('scratch', scratch);
  project.provide('databases', [`PGlite ${pglite}`, server.description]);
}

export async function teardown(): Promise<void> {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
  if (cluster) await dropClusters(cluster, prefix);
  await server?.stop();
}
