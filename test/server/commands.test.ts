import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/server/commands/list.ts';
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
    'usage: questlog migrate [--attempts N] [--dry-run] [--sql] [--json]',
    '  bring the tables up to date',
    expect.stringMatching(/^ {2}--attempts N {2}how often/),
    '  --dry-run     only name what is to be done',
    '  --sql         only print it, as SQL for psql',
    expect.stringMatching(/^ {2}--json {8}one JSON document/),
  ]);
  expect((await call('help', 'migrate')).stdout).toEqual(one.stdout);
  const init = await call('init', '-h');
  expect(init).toMatchObject({
    code: 0,
    stdout: { 0: 'usage: questlog init [--json] FOLDER' },
    files: ['package.json'],
  });
});

test('the version is that of both packages', SLOW, async () => {
  const { stdout } = await call('--version');
  expect(stdout).toEqual([versionIn('package.json')]);
  expect(stdout).toEqual([versionIn('packages/server/package.json')]);
});

test.each([
  [['init', '--force'], /^questlog: Unknown option '--force'; usage: questlog init \[--json\] FOLDER\n$/],
  [
    ['serve', '-x'],
    /^questlog: Unknown option '-x'; usage: questlog serve \[--workers N\|auto\] \[AGENTS\]\n$/,
  ],
  [['migrate', '--sql=no'], /^questlog: Option '--sql' does not take an argument; usage: questlog migrate /],
  [
    ['migrate', 'now'],
    /^questlog: usage: questlog migrate \[--attempts N\] \[--dry-run\] \[--sql\] \[--json\]\n$/,
  ],
  [['copy', './data'], /^questlog: usage: questlog copy \[--json\] FROM TO\n$/],
  [['init', ''], /^questlog: usage: questlog init \[--json\] FOLDER\n$/],
  [['--sql'], /^questlog: unknown command --sql\nusage:\n/],
  [['help', 'constructor'], /^questlog: unknown command constructor\nusage:\n/],
])('%j is refused in words, and does nothing', SLOW, async (args, words) => {
  const refused = await call(...args);
  expect(refused).toMatchObject({ code: 2, files: ['package.json'] });
  expect(refused.output).toMatch(words);
});

test('each command and each option is on the page of commands', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8');
  const missing = COMMANDS.flatMap(({ name, takes, options = {}, settings = {} }) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`questlog ${name} `)) ?? '';
    const [, call = ''] = row.split('`');
    const words = [
      takes,
      ...Object.keys(options).map((option) => `--${option}`),
      ...Object.keys(settings).map((setting) => `--${setting} `),
    ];
    return words.filter((word) => row === '' || !call.includes(word)).map((word) => `${name} ${word}`);
  });
  expect(missing).toEqual([]);
});

test('with --json the standard output is one document, also of what fails', SLOW, async () => {
  const made = await call('init', '--json', 'quest');
  expect(JSON.parse(made.stdout.join('\n'))).toEqual({
    ok: true,
    folder: expect.stringMatching(/\/quest$/),
    files: expect.arrayContaining(['agents.ts', 'package.json']),
  });
  const refused = await call('copy', '--json', './nothing', './target');
  expect(refused).toMatchObject({ code: 2, files: ['package.json'] });
  expect(JSON.parse(refused.stdout.join('\n'))).toEqual({
    ok: false,
    error: {
      code: 'invalid_request',
      message: expect.stringContaining('there is no database of Questlog in'),
    },
  });
});
