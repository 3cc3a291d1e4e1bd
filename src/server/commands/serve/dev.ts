import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run } from '../command.ts';
import { FileWatcher } from './file-watcher.ts';
import { whenOrphaned } from './when-orphaned.ts';

export const dev: Run = async (args) => {
  const [agents = process.env.QUESTLOG_AGENTS] = args;
  const server = new WatchedServer(args, agents);
  server.start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.stop(signal));
  const stop = () => server.stop('SIGTERM');
  // The terminal is closed.
  process.on('SIGHUP', stop);
  whenOrphaned(stop);
  return undefined;
};

/** A server in a process of its own, which starts anew when a file changes that it has imported. */
class WatchedServer {
  readonly #args: readonly string[];
  readonly #module: string | undefined;
  readonly #files = new FileWatcher(() => this.#startAnew());
  /** Undefined: it has ended. */
  #process: ChildProcess | undefined;
  #hasReadModule = false;
  /** It has been told so. */
  #isEnding = false;
  /** And is not started again. */
  #isStopping = false;
  #exitCode = 0;

  constructor(args: readonly string[], agents: string | undefined) {
    this.#args = args;
    this.#module = agents === undefined ? undefined : resolve(agents);
    if (this.#module !== undefined) this.#files.add(this.#module);
  }

  start(): void {
    const [, program = ''] = process.argv;
    this.#files.renew();
    this.#process = spawn(process.execPath, [...process.execArgv, program, 'serve', ...this.#args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      // As `node --watch` has it: Node tells of each file that is imported.
      env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '1', QUESTLOG_WORKERS: '1' },
      // In a group of its own: of Ctrl+C, which goes to a whole group, it hears once, from here.
      detached: true,
    });
    this.#process.on('message', (message) => this.#watch(importsIn(message)));
    this.#process.once('exit', (code) => this.#onExit(code ?? 1));
  }

  /** Called again, it ends at once, whatever the server does. */
  stop(signal: NodeJS.Signals): void {
    if (this.#process === undefined) process.exit(this.#exitCode);
    if (this.#isStopping) this.#process.kill('SIGKILL');
    this.#isStopping = true;
    this.#end(signal);
  }

  #startAnew(): void {
    if (this.#process === undefined) this.start();
    else this.#end('SIGTERM');
  }

  /** Of a second signal a server would end at once. */
  #end(signal: NodeJS.Signals): void {
    if (!this.#isEnding) this.#process?.kill(signal);
    this.#isEnding = true;
  }

  #onExit(code: number): void {
    const wasTold = this.#isEnding;
    this.#process = undefined;
    this.#isEnding = false;
    this.#exitCode = code;
    // Of what is wrong before the module is read, such as a port in use, no change of it is the remedy.
    if (this.#isStopping || !(wasTold || this.#hasReadModule)) process.exit(code);
    if (wasTold) this.start();
    else process.stderr.write('questlog: the server has ended, and starts again with the next change\n');
  }

  #watch(files: readonly string[]): void {
    for (const file of files) this.#files.add(file);
    this.#hasReadModule ||= this.#module !== undefined && files.includes(realPath(this.#module));
  }
}

/** The files of a project that a message of Node's names: those of modules as URLs, of CommonJS as paths. */
function importsIn(message: unknown): string[] {
  const { 'watch:import': modules, 'watch:require': required } = Object(message);
  return [modules, required].flat().flatMap((place: unknown) => {
    const file = String(place).startsWith('file:') ? fileURLToPath(String(place)) : String(place);
    return isAbsolute(file) && !file.includes(`${sep}node_modules${sep}`) ? [file] : [];
  });
}

/** As Node names it where it imports it. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
