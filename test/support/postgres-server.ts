import { fork } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import type { PostgresPlace, PostgresReport } from './postgres-process.ts';

/** What two workers use at once, with room: PostgreSQL's default. */
const MIN_CONNECTIONS = 100;

/** A PostgreSQL for one test run, in which the tests make databases of their own. */
export interface PostgresServer {
  /** A database from which others can be created and dropped. */
  readonly url: string;
  readonly description: string;
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL on a free port of this machine.
 *
 * @param settings of its configuration. Default: fast, and not safe from a power cut.
 * @param standbyOf the primary whose standby it is to be, by the address that it is to follow it at.
 * @throws when it cannot: a suite that ran on half of its databases would look green.
 */
export async function startPostgres(
  settings: readonly string[] = ['fsync=off'],
  standbyOf?: PostgresPlace,
): Promise<PostgresServer & PostgresPlace> {
  const child = fork(new URL('./postgres-process.ts', import.meta.url), settings, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...(standbyOf && { STANDBY_OF: JSON.stringify(standbyOf) }) },
    // Away from the terminal's Ctrl-C: it ends when this process does.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [report] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [{ failure: 'its process ended' }]),
  ])) as [PostgresReport];
  if ('failure' in report) {
    throw new Error(
      `PostgreSQL for the tests cannot start; set TEST_DATABASE_URL to use another.\n${report.failure}`,
    );
  }
  // From here on it must not keep a test run alive that failed before its end.
  child.unref();
  child.channel?.unref();
  const stop = async () => {
    child.ref();
    child.disconnect();
    await once(child, 'exit');
  };
  return { ...report, description: `${await versionOf(report.url)} (embedded)`, stop };
}

/** Uses the server behind `url`, and drops every database whose name begins with `prefix` at the end. */
export async function usePostgres(url: string, prefix: string): Promise<PostgresServer> {
  const description = `${await versionOf(url)} (TEST_DATABASE_URL)`;
  const settings = await asAdmin(url, (client) => client.query('show max_connections'));
  const allowed = Number(settings.rows[0].max_connections);
  if (allowed < MIN_CONNECTIONS) {
    throw new Error(
      `The tests need ${MIN_CONNECTIONS} connections, and TEST_DATABASE_URL allows ${allowed}.`,
    );
  }
  const stop = () =>
    asAdmin(url, async (client) => {
      const found = await client.query('select datname from pg_database where starts_with(datname, $1)', [
        prefix,
      ]);
      for (const { datname } of found.rows)
        await client.query(`drop database if exists ${datname} with (force)`);
    });
  return { url, description, stop };
}

/** Runs `work` on a connection of its own. */
export async function asAdmin<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function versionOf(url: string): Promise<string> {
  const result = await asAdmin(url, (client) => client.query('show server_version'));
  return `PostgreSQL ${String(result.rows[0].server_version).split(' ')[0]}`;
}
