import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url)).replace(/\/$/, '');
const CACHE = join(ROOT, 'node_modules/.cache');

/** Where and as whom vitest runs. */
interface Place {
  /** What `node_modules/vitest/vitest.mjs` is appended to. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/** One way in which a machine may differ from another. */
export interface Condition {
  readonly name: string;
  readonly what: string;
  readonly once?: boolean;
  /** Whether something else keeps every core busy meanwhile. */
  readonly busy?: boolean;
  readonly flags?: () => readonly string[];
  /** Installs what it needs. @returns why it cannot be had here. */
  readonly prepare?: (scratch: string) => string | undefined | Promise<string | undefined>;
  readonly place: (scratch: string) => Place;
}

const here = (): Place => ({ command: [process.execPath], cwd: ROOT });

export const CONDITIONS: readonly Condition[] = [
  { name: 'as-is', what: 'this machine, this Node, this user', place: here },
  { name: 'busy', what: 'with every core kept busy by other work', busy: true, place: here },
  {
    name: 'one-core',
    what: 'on one core (taskset)',
    prepare: () => (succeeds('taskset', '-c', '0', 'true') ? undefined : 'there is no taskset'),
    place: () => ({ command: ['taskset', '-c', '0', process.execPath], cwd: ROOT }),
  },
  onNode(20),
  onNode(22),
  onNode(24),
  {
    name: 'user',
    what: 'a fresh clone of the last commit, as an ordinary user (only root can become one)',
    prepare: prepareClone,
    place: (scratch) => {
      const home = join(scratch, 'user');
      const env = { HOME: home, TMPDIR: home, USER: 'nobody', LOGNAME: 'nobody' };
      return { command: [process.execPath], cwd: join(home, 'clone'), env, uid: nobody() };
    },
  },
  {
    name: 'zone',
    what: 'in a time zone that is not UTC',
    once: true,
    place: () => ({ ...here(), env: { TZ: 'America/New_York' } }),
  },
  {
    name: 'random',
    what: 'files and tests in random order',
    once: true,
    flags: () => {
      const seed = Math.floor(Math.random() * 1_000_000);
      process.stdout.write(`random: --sequence.seed=${seed}\n`);
      return ['--sequence.shuffle.files', '--sequence.shuffle.tests', `--sequence.seed=${seed}`];
    },
    place: here,
  },
];

/** The newest Node of a major version, from the npm package `node`; this one where it is of that version. */
function onNode(major: number): Condition {
  const folder = join(CACHE, `questlog-node-${major}`);
  const bin = join(folder, 'node_modules/node/bin');
  const isThis = process.versions.node.startsWith(`${major}.`);
  return {
    name: `node-${major}`,
    what: `on Node ${major}`,
    prepare: () => {
      if (isThis) return 'it is this Node: as-is';
      mkdirSync(folder, { recursive: true });
      const installed = succeeds('npm', 'install', '--prefix', folder, '--no-save', `node@${major}`);
      return installed ? undefined : 'npm cannot install it';
    },
    // First on the path, for the programs that tests start.
    place: () => ({
      command: [join(bin, 'node')],
      cwd: ROOT,
      env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
    }),
  };
}

function prepareClone(scratch: string): string | undefined {
  if (process.getuid?.() !== 0) return 'this is an ordinary user already: as-is';
  const home = join(scratch, 'user');
  mkdirSync(home);
  // It enters, and writes its report there.
  execFileSync('chmod', ['777', scratch]);
  execFileSync('git', ['clone', '--quiet', ROOT, join(home, 'clone')]);
  execFileSync('chown', ['-R', String(nobody()), home]);
  const cwd = join(home, 'clone');
  const env = { ...process.env, HOME: home };
  const { status } = spawnSync('npm', ['ci'], { cwd, env, uid: nobody(), gid: nobody(), stdio: 'ignore' });
  return status === 0 ? undefined : 'npm ci fails for it';
}

function nobody(): number {
  return Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
}

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
