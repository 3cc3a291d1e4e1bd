/**
 * Before `npm start` and `npm pack`: builds the server and the page when `dist/` is missing or older than what it is
 * made from.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const SETTINGS = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.commonjs.json'];
const FOLDERS = ['src', 'web', 'migrations', 'scripts/build'];
const BUILT = [
  'dist/server/cli.js',
  'dist/web/index.html',
  'packages/server/dist/server/cli.js',
  'packages/server/THIRD-PARTY-LICENSES',
];

/** Who builds has it: several processes of the tests ask at once. */
const LOCK = 'node_modules/.cache/questlog-build';
const STALE_MS = 10 * 60_000;

while (!isFresh()) {
  if (takeLock()) {
    try {
      if (!isFresh()) build();
      break;
    } finally {
      rmSync(LOCK, { recursive: true });
    }
  }
  await sleep(500);
}

function takeLock() {
  const takenAt = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - takenAt > STALE_MS) rmSync(LOCK, { recursive: true, force: true });
  mkdirSync('node_modules/.cache', { recursive: true });
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

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
