/**
 * Before `npm start` and `npm pack`: builds the server and the page when `dist/` is missing or older than what it is
 * made from.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const SETTINGS = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];
const FOLDERS = ['src', 'web'];
const BUILT = ['dist/server/cli.js', 'dist/web/index.html'];

// An installed package has no source, and its `dist` is complete.
if (existsSync('src') && !isFresh()) build();

function isFresh() {
  if (!BUILT.every((path) => existsSync(path))) return false;
  const source = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((path) => `${folder}/${path}`),
  );
  const built = Math.min(...BUILT.map((path) => statSync(path).mtimeMs));
  return [...SETTINGS, ...source].every((path) => statSync(path).mtimeMs < built);
}

function build() {
  // On stderr: `npm pack --json` prints JSON.
  process.stderr.write('Building the server and the page, which takes half a minute …\n');
  // The types were checked before they were committed; leaving that out makes the first start fast.
  const npm = spawnSync('npm', ['run', '--silent', 'build', '--', '--noCheck'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) process.exitCode = 1;
}
