import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIE_WITH_PARENT = new URL('./die-with-parent.mjs', import.meta.url).href;

/** Enough to find programs and folders, and nothing of the developer's own settings (`DATABASE_URL`, keys …). */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

export interface ProgramOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the root of the checkout. */
  readonly cwd?: string;
  /** Modules that are loaded before it: their paths, from the root of the checkout. */
  readonly preload?: readonly string[];
}

/** How a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process under test. */
export interface Program {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Everything it has printed, on both streams. */
  output(): string;
  /** Its standard output's lines that are complete. */
  lines(): string[];
  /** Resolves with the first line of its standard output that matches; rejects when it ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Sends a message to a module that answers each, and resolves with the next answer. */
  ask<Answer>(message: string): Promise<Answer>;
  /** Sends a signal and waits until it has ended. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

/**
 * Starts a program of this project in a Node of its own: `.ts` through tsx, `.js` as it is. The caller kills it; what
 * is left dies with the test's process.
 *
 * @param script its path, from the root of the checkout.
 */
export function startProgram(script: string, options: ProgramOptions = {}): Program {
  const loader = script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const preload = (options.preload ?? []).flatMap((module) => ['--import', resolve(ROOT, module)]);
  const flags = ['--import', DIE_WITH_PARENT, ...preload, ...loader];
  const child = spawn(process.execPath, [...flags, resolve(ROOT, script), ...(options.args ?? [])], {
    cwd: options.cwd ?? ROOT,
    env: { ...pick(process.env), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessByStdio<null, Readable, Readable>;
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  // 'close', not 'exit': when its output has been read to the end.
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit);
  const lines = () => stdout.split('\n').slice(0, -1);
  return {
    pid: child.pid as number,
    exited,
    output: () => output,
    lines,
    async line(pattern) {
      let ended = false;
      const end = exited.then(() => {
        ended = true;
      });
      for (;;) {
        const found = lines().find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (ended) throw new Error(`the program ended without a line like ${pattern}:\n${output}`);
        await Promise.race([once(child.stdout, 'data'), end]);
      }
    },
    async ask<Answer>(message: string) {
      child.send(message);
      const [answer] = await once(child, 'message');
      return answer as Answer;
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      return exited;
    },
  };
}

function pick(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}
