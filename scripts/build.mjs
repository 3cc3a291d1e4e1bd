/** Builds `dist/`: the library and the server with tsc, the page with Vite, side by side. Arguments go to tsc. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const run = (script, args) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [`node_modules/${script}`, ...args], { stdio: 'inherit' });
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });

const codes = await Promise.all([
  run('typescript/bin/tsc', ['-p', 'tsconfig.build.json', ...process.argv.slice(2)]),
  run('vite/bin/vite.js', ['build', '-c', 'web/vite.config.ts', '--logLevel', 'warn']),
]);
process.exitCode = Math.max(...codes);
