/**
 * Builds what is published. `dist/`: the library and the server with tsc, the page with Vite, side by side; then what
 * makes packages of it (`scripts/build/`). Arguments go to tsc.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { completeCommonJs } from './build/complete-commonjs.mjs';
import { embedMigrations } from './build/embed-migrations.mjs';
import { makeServerPackage } from './build/make-server-package.mjs';
import { writeWireTypes } from './build/write-wire-types.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const run = (script, args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [`node_modules/${script}`, ...args], { stdio: 'inherit' });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });

const tsc = 'typescript/bin/tsc';
const codes = await Promise.all([
  run(tsc, ['-p', 'tsconfig.build.json', ...process.argv.slice(2)]),
  run(tsc, ['-p', 'tsconfig.commonjs.json']),
  run('vite/bin/vite.js', ['build', '-c', 'web/vite.config.ts', '--logLevel', 'warn']),
]);
process.exitCode = Math.max(...codes);

if (process.exitCode === 0) {
  embedMigrations();
  await writeWireTypes();
  completeCommonJs();
  makeServerPackage();
}
