import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agentsFolder, startCli } from '../support/server.ts';

/** A process may take its time to start where others run too. */
const SLOW = { timeout: 240_000 };

const versionIn = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).version;

/** What `questlog` prints, and how it ends. */
async function call(...args: string[]) {
  const cwd = agentsFolder({});
  const program = startCli({}, { cwd, args });
  const { code } = await program.exited;
  return { code, stdout: program.lines(), output: program.output(), files: readdirSync(cwd) };
}

test('help is there by every name, of all commands and of each', SLOW, async () => {
  const all = await call('--help');
  expect(all).toMatchObject({
    code: 0,
    stdout: {
      0: 'usage:',
      1: expect.stringMatching(/^ {2}questlog serve \[--workers N\|auto\] \[AGENTS\] {2,}\S/),
    },
  });
  for (const args of [['help'], ['-h']]) expect((await call(...args)).stdout).toEqual(all.stdout);
  const one = await call('migrate', '--help');
  expect(one.stdout).toEqual([
    'usage: questlog migrate [--attempts N] [--dry-run] [--sql]',
    '  bring the tables up to date',
    expect.stringMatching(/^ {2}--attempts N {2}how often to ask for the locks /),
    '  --dry-run     only name what is to be done',
    '  --sql         only print it, as SQL for psql',
  ]);
  expect((await call('help', 'migrate')).stdout).toEqual(one.stdout);
  const init = await call('init', '-h');
  expect(init).toMatchObject({
    code: 0,
    stdout: { 0: 'usage: questlog init FOLDER' },
    files: ['package.json'],
  });
});

test('the version is that of both packages', SLOW, async () => {
  const { stdout } = await call('--version');
  expect(stdout).toEqual([versionIn('package.json')]);
  expect(stdout).toEqual([versionIn('packages/server/package.json')]);
});

test.each([
  [['init', '--force'], /^questlog: Unknown option '--force'; usage: questlog init FOLDER\n$/],
  [
    ['serve', '-x'],
    /^questlog: Unknown option '-x'; usage: questlog serve \[--workers N\|auto\] \[AGENTS\]\n$/,
  ],
  [['migrate', '--sql=no'], /^questlog: Option '--sql' does not take an argument; usage: questlog migrate /],
  [['migrate', 'now'], /^questlog: usage: questlog migrate \[--attempts N\] \[--dry-run\] \[--sql\]\n$/],
  [['copy', './data'], /^questlog: usage: questlog copy FROM TO\n$/],
  [['init', ''], /^questlog: usage: questlog init FOLDER\n$/],
  [['--sql'], /^questlog: unknown command --sql\nusage:\n/],
  [['help', 'constructor'], /^questlog: unknown command constructor\nusage:\n/],
])('%j is refused in words, and does nothing', SLOW, async (args, words) => {
  const refused = await call(...args);
  expect(refused).toMatchObject({ code: 2, files: ['package.json'] });
  expect(refused.output).toMatch(words);
});
