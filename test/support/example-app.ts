import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newFolder } from './databases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a registry and a bundler may take, on a busy machine. */
export const INSTALL_TIMEOUT_MS = 15 * 60_000;

const execute = promisify(execFile);

/** Packs what npm would publish, and returns the path of the tarball. */
export async function packPackage(): Promise<string> {
  const folder = newFolder();
  await execute(process.execPath, ['scripts/build-if-needed.mjs'], { cwd: ROOT });
  const { stdout } = await execute(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    {
      cwd: ROOT,
      maxBuffer: 10 << 20,
    },
  );
  const [{ filename }] = JSON.parse(stdout);
  return join(folder, filename);
}

/** Copies a folder of `examples/`, installs what it names and this package, builds it, and returns its path. */
export async function installExample(name: string, tarball: string): Promise<string> {
  const folder = newFolder();
  cpSync(join(ROOT, 'examples', name), folder, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|dist|\.next)$/.test(path),
  });
  const manifest = join(folder, 'package.json');
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('file:../..', `file:${tarball}`));
  const options = {
    cwd: folder,
    timeout: INSTALL_TIMEOUT_MS,
    maxBuffer: 10 << 20,
    env: { ...process.env, NODE_ENV: undefined, NEXT_TELEMETRY_DISABLED: '1' },
  };
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], options);
  await execute('npm', ['run', 'build'], options);
  return folder;
}
