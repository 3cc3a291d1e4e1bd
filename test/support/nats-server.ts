import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from './local-server.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/questlog-nats', import.meta.url));
/** For all of it: a network that lets nothing through must not take the time of the test. */
const DOWNLOAD_MS = 45_000;

export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * Starts a real NATS server, stopped when the test ends: the one on the PATH, or else the one of Debian's package,
 * unpacked into a cache without being installed.
 *
 * @returns why there is none, for `skip`.
 */
export async function startNatsServer(): Promise<NatsServer | { readonly missing: string }> {
  const binary = onPath() ?? cached() ?? download();
  if (binary === undefined) return { missing: 'no nats-server on the PATH, and no Debian package of it' };
  const port = await freePort();
  let stop = () => Promise.resolve();
  const start = async () => {
    const child = spawn(binary, ['-a', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    const isReady = new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk) => {
        log += chunk;
        if (log.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended:\n${log}`)));
    });
    stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
    await isReady;
  };
  onTestFinished(() => stop());
  await start();
  return { url: `nats://127.0.0.1:${port}`, start, stop: () => stop() };
}

function onPath(): string | undefined {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore' });
    return 'nats-server';
  } catch {
    return undefined;
  }
}

function cached(): string | undefined {
  const binary = join(CACHE, 'usr/sbin/nats-server');
  return existsSync(binary) ? binary : undefined;
}

function download(): string | undefined {
  mkdirSync(join(CACHE, '..'), { recursive: true });
  const folder = mkdtempSync(`${CACHE}-`);
  const until = Date.now() + DOWNLOAD_MS;
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: 'ignore', timeout: Math.max(1, until - Date.now()) });
  try {
    fetchPackage(run);
    const [archive] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    run('dpkg', '-x', archive ?? '', 'unpacked');
    renameSync(join(folder, 'unpacked'), CACHE);
  } catch {
    // Not a Debian, or no network; or another worker was faster.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return cached();
}

/** A machine that never asked for the lists of packages has none. */
function fetchPackage(run: (command: string, ...args: string[]) => void) {
  try {
    run('apt-get', 'download', 'nats-server');
  } catch {
    run('apt-get', 'update');
    run('apt-get', 'download', 'nats-server');
  }
}
