import { symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { compiled } from './compiled.ts';
import { databaseBeside, newFolder } from './databases.ts';
import { type Program, type ProgramOptions, startProgram } from './process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface CliOptions extends Pick<ProgramOptions, 'args' | 'cwd'> {
  /** Another build than this one's. */
  readonly script?: string;
}

/** Starts `questlog` in a process of its own, on a free port and without a file; it is gone when the test ends. */
export function startCli(
  env: Readonly<Record<string, string>> = {},
  { script, ...options }: CliOptions = {},
): Program {
  const program = startProgram(script ?? compiled('src/server/cli.ts'), {
    // Where no developer has put a `.env` file.
    cwd: newFolder(),
    ...options,
    env: { PORT: '0', ...databaseBeside(env), ...env },
  });
  onTestFinished(async () => {
    await program.kill('SIGKILL');
  });
  return program;
}

export interface CliServer {
  readonly program: Program;
  readonly url: string;
  /** Asks as the local user. */
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Response>;
}

/** Starts the server and waits until it serves. */
export async function startCliServer(
  env: Readonly<Record<string, string>> = {},
  options: CliOptions = {},
): Promise<CliServer> {
  const program = startCli(env, options);
  const first = await program.line(/^Questlog listens on /);
  // Its last line: all of them are there.
  await program.line(/^ {2}model /);
  const url = /http:\/\/\S+/.exec(first)?.[0] ?? '';
  return {
    program,
    url,
    ask: (method, path, body, signal) =>
      fetch(url + path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** A folder with modules of agents, and what they import. */
export function agentsFolder(files: Readonly<Record<string, string>>): string {
  const folder = newFolder();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  if (Object.keys(files).length > 0) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** A folder that is gone when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'questlog-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
