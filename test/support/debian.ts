import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
/** For all of it: a network that lets nothing through must not take the time of the test. */
const DOWNLOAD_MS = 45_000;

/**
 * A program that Debian has: the one on the PATH, or else the one of the package, unpacked into a cache without being
 * installed.
 *
 * @param path in the package.
 * @returns how it is called; undefined: there is none.
 */
export function findProgram(debianPackage: string, path: string): string | undefined {
  const folder = join(CACHE, `questlog-${debianPackage}`);
  const binary = join(folder, path);
  if (existsSync(binary)) return binary;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isOnPath(name)) return name;
  unpack(debianPackage, folder);
  return existsSync(binary) ? binary : undefined;
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

function unpack(debianPackage: string, target: string): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(`${target}-`);
  const until = Date.now() + DOWNLOAD_MS;
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: 'ignore', timeout: Math.max(1, until - Date.now()) });
  try {
    try {
      run('apt-get', 'download', debianPackage);
    } catch {
      // A machine that never asked for the lists of packages has none.
      run('apt-get', 'update');
      run('apt-get', 'download', debianPackage);
    }
    const [archive] = readdirSync(folder).filter((file) => file.endsWith('.deb'));
    run('dpkg', '-x', archive ?? '', 'unpacked');
    renameSync(join(folder, 'unpacked'), target);
  } catch {
    // Not a Debian, or no network; or another worker was faster.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
