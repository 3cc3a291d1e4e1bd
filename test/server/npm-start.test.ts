import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compiled } from '../support/compiled.ts';
import { newFolder } from '../support/databases.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 120_000 };

const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

/** `npm start` in a process group of its own, as a shell starts it, when the server listens. */
async function startNpm() {
  const cwd = newFolder();
  const start = scripts.start.replace('dist/server/cli.js', resolve(compiled('src/server/cli.ts')));
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { start } }));
  const { PATH, HOME } = process.env;
  const npm = spawn('npm', ['start'], {
    cwd,
    env: { PATH, HOME, PORT: '0', QUESTLOG_DATA_DIR: 'memory://' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = npm.pid as number;
  const closed = once(npm, 'close');
  onTestFinished(() => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  let output = '';
  for await (const chunk of npm.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (/\n {2}model /.test(output)) break;
  }
  npm.stdout.resume();
  return { pid, closed };
}

test.each([
  ['Ctrl+C, which goes to the whole group', -1, 'SIGINT'],
  ['SIGINT to npm', 1, 'SIGINT'],
  ['SIGTERM to npm', 1, 'SIGTERM'],
] as const)('%s ends the server of npm start in order', SLOW, async (_name, whom, signal) => {
  const { pid, closed } = await startNpm();
  process.kill(whom * pid, signal);
  expect(await closed).toEqual([0, null]);
});
