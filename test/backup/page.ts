import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from '../support/local-server.ts';

const PAGE = fileURLToPath(new URL('../../docs/backup.md', import.meta.url));
const DEBIAN = '/usr/lib/postgresql';

/** The commands under a heading of the page, in order. */
export function commandsOf(heading: string): string[] {
  const section = readFileSync(PAGE, 'utf8')
    .split(/^## /m)
    .find((text) => text.startsWith(heading));
  return [...(section ?? '').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, commands]) => commands as string);
}

/** The folder of `pg_dump`, `pg_basebackup` and the server that they belong to: `PG_BIN`, or the newest of Debian's. */
export function findTools(): string | undefined {
  const versions = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one))
    : [];
  const folders = [process.env.PG_BIN ?? '', ...versions.map((version) => join(DEBIAN, version, 'bin'))];
  return folders.find((folder) =>
    ['pg_dump', 'pg_basebackup', 'initdb'].every((tool) => existsSync(join(folder, tool))),
  );
}

/** Somebody who is not root, as PostgreSQL demands, in a folder of theirs. */
export class Operator {
  readonly folder: string;
  readonly #bin: string;
  readonly #identity: { readonly uid?: number; readonly gid?: number };

  constructor(bin: string) {
    this.#bin = bin;
    this.folder = mkdtempSync('/tmp/questlog-backup-');
    const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
    this.#identity = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
    this.#own(this.folder);
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  makeFolder(name: string): string {
    mkdirSync(this.path(name));
    this.#own(this.path(name));
    return this.path(name);
  }

  /** Runs commands in the folder, each of which has to succeed. */
  run(commands: string, env: Readonly<Record<string, string>> = {}): void {
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euc', commands], {
      ...this.#identity,
      cwd: this.folder,
      env: { ...env, PATH: `${this.#bin}:/usr/bin:/bin`, LC_ALL: 'C', HOME: this.folder },
      encoding: 'utf8',
      // What a server inherits stays open for as long as that is there.
      stdio: commands.includes('pg_ctl') ? 'ignore' : 'pipe',
    });
    if (status !== 0) throw new Error(`exit code ${status} of:\n${commands}\n${stdout ?? ''}${stderr ?? ''}`);
  }

  /** A server on a folder that is gone when the test ends. @returns its address, without the name of a database. */
  async startServer(archive: string): Promise<string> {
    const port = await freePort();
    const settings = [
      ...[
        "listen_addresses = '127.0.0.1'",
        `unix_socket_directories = '${this.folder}'`,
        'archive_mode = on',
      ],
      `archive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'`,
    ];
    this.run('initdb --pgdata=data --username=questlog --auth=trust --encoding=UTF8 --locale=C --no-sync');
    appendFileSync(this.path('data/postgresql.conf'), `${settings.join('\n')}\n`);
    this.run(`pg_ctl --pgdata=data --log=data.log --options="--port=${port}" --wait start`);
    this.stopAfterTest('data');
    return `postgres://questlog@127.0.0.1:${port}`;
  }

  stopAfterTest(name: string): void {
    onTestFinished(() => this.run(`pg_ctl --pgdata=${name} --mode=immediate stop`));
  }

  #own(path: string): void {
    const { uid, gid } = this.#identity;
    if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  }
}
