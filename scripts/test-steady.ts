/**
 * Runs every test again and again under conditions that machines differ in, and prints which tests were red under
 * which: `npm run test:steady -- [--times 5] [--minutes 600] [condition …]`. Without a condition: all of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONDITIONS, type Condition } from './test-conditions.ts';

/** A run that takes longer is ended, and counts as red. */
const RUN_MS = 40 * 60_000;
/** Lines of a failure that are printed. */
const MAX_FAILURE_LINES = 12;

interface Red {
  readonly title: string;
  readonly why: string;
}

interface Outcome {
  readonly condition: string;
  readonly passed: number;
  readonly red: readonly Red[];
  readonly seconds: number;
}

// `npm run` tells what it starts of its own user's folders, which another user cannot write.
for (const name of Object.keys(process.env)) if (name.startsWith('npm_')) delete process.env[name];

const { values, positionals } = readArgs();
const unknown = positionals.filter((name) => !CONDITIONS.some((condition) => condition.name === name));
if (unknown.length > 0) explain(`there is no condition ${unknown.join(', ')}`);
const [times, minutes] = [Number(values.times), Number(values.minutes)];
if (!Number.isInteger(times) || times < 1 || !(minutes > 0)) {
  explain('--times takes a whole number from 1, --minutes a number above 0');
}
const chosen = CONDITIONS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const scratch = mkdtempSync(join(tmpdir(), 'questlog-steady-'));
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) endTree(child);
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const until = performance.now() + minutes * 60_000;
const outcomes: Outcome[] = [];
for (const condition of chosen) {
  const missing = await condition.prepare?.(scratch);
  if (missing !== undefined) {
    print(`${condition.name}: left out, ${missing}`);
    continue;
  }
  const runs = condition.once ? 1 : times;
  for (let time = 1; time <= runs; time += 1) {
    if (performance.now() > until) {
      print(`${condition.name} ${time}/${runs}: left out, the ${minutes} minutes are over`);
      continue;
    }
    const outcome = await runTests(condition);
    outcomes.push(outcome);
    const { passed, red, seconds } = outcome;
    print(`${condition.name} ${time}/${runs}: ${passed} passed, ${red.length} red, ${seconds} s`);
    for (const { title, why } of red) print(`  red: ${title}\n${why.replaceAll(/^/gm, '    ')}`);
  }
}
printReds(outcomes);
process.exitCode = outcomes.length > 0 && outcomes.every(({ red }) => red.length === 0) ? 0 : 1;

function readArgs() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { times: { type: 'string', default: '5' }, minutes: { type: 'string', default: '600' } },
    });
  } catch (error) {
    return explain(error instanceof Error ? error.message : String(error));
  }
}

/** Says what is wrong and what there is. */
function explain(problem: string): never {
  const names = CONDITIONS.map(({ name, what }) => `  ${name.padEnd(8)} ${what}`).join('\n');
  const usage = 'npm run test:steady -- [--times 5] [--minutes 600] [condition …]';
  process.stderr.write(`${problem}\n\n${usage}\n\nConditions; without one, all of them:\n${names}\n`);
  process.exit(2);
}

async function runTests(condition: Condition): Promise<Outcome> {
  const began = performance.now();
  const file = join(scratch, `${condition.name}-${Math.round(began)}.json`);
  const spinners = Array.from({ length: condition.busy ? availableParallelism() : 0 }, () =>
    start(process.execPath, ['-e', `const end = Date.now() + ${RUN_MS}; while (Date.now() < end);`]),
  );
  const { command, cwd, env, uid } = condition.place(scratch);
  const [program = '', ...args] = [
    ...command,
    'node_modules/vitest/vitest.mjs',
    'run',
    '--exclude=test/frameworks/**',
    '--reporter=json',
    `--outputFile=${file}`,
    ...(condition.flags?.() ?? []),
  ];
  const tests = start(program, args, {
    cwd,
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const timer = setTimeout(() => endTree(tests), RUN_MS);
  await once(tests, 'exit');
  clearTimeout(timer);
  for (const spinner of spinners) endTree(spinner);
  const seconds = Math.round((performance.now() - began) / 1_000);
  return { condition: condition.name, seconds, ...readReport(file, cwd) };
}

function start(program: string, args: readonly string[], options: object = {}): ChildProcess {
  // A group of its own, so that it can be ended with everything that it has started.
  const child = spawn(program, args, { stdio: 'ignore', detached: true, ...options });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function endTree({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function readReport(file: string, cwd: string): Pick<Outcome, 'passed' | 'red'> {
  if (!existsSync(file)) {
    return {
      passed: 0,
      red: [{ title: 'the whole run', why: 'it has no report: it was ended, or did not begin' }],
    };
  }
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly numPassedTests: number;
    readonly testResults: readonly {
      readonly name: string;
      readonly status: string;
      readonly message: string;
      readonly assertionResults: readonly {
        readonly fullName: string;
        readonly status: string;
        readonly failureMessages?: readonly string[];
      }[];
    }[];
  };
  const red = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const path = name.replace(`${cwd}/`, '');
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [{ title: path, why: shorten(message) }];
    return failed.map(({ fullName, failureMessages = [] }) => ({
      title: `${path}: ${fullName}`,
      why: shorten(failureMessages.join('\n')),
    }));
  });
  return { passed: report.numPassedTests, red };
}

/** The beginning of a failure: what was expected, and where. */
function shorten(message: string): string {
  return message.split('\n').slice(0, MAX_FAILURE_LINES).join('\n');
}

function printReds(all: readonly Outcome[]): void {
  const byTest = new Map<string, string[]>();
  for (const { condition, red } of all) {
    for (const { title } of red) byTest.set(title, [...(byTest.get(title) ?? []), condition]);
  }
  print(`\n${all.length} runs, ${byTest.size} tests red in any of them`);
  for (const [title, conditions] of byTest) print(`  ${title}\n    under: ${conditions.join(', ')}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
