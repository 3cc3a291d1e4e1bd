import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compiledFolder } from './compile.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a method takes is known to its callers.
export type Methods = Record<string, (...args: any[]) => unknown>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** A program of this folder in a process of its own: its heap, its compiler and its connections are nobody else's. */
export class Worker<Served extends Methods> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #calls = 0;

  /**
   * @param program its name without ending, such as `store-process`.
   * @param flags of its Node.
   */
  constructor(program: string, flags: readonly string[] = []) {
    this.#child = fork(join(compiledFolder(), 'bench', `${program}.js`), {
      // What a program logs is written, as it is in production, and read by nobody.
      stdio: ['ignore', 'ignore', process.env.BENCH_DEBUG ? 'inherit' : 'ignore', 'ipc'],
      execArgv: ['--expose-gc', ...flags, ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [])],
    });
    this.#child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(new Error(`${program}: ${answer.error}`));
      else waiting?.resolve(answer.result as never);
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${program} ended: ${code ?? signal}`));
    });
  }

  call<Name extends keyof Served & string>(
    name: Name,
    ...args: Parameters<Served[Name]>
  ): Promise<Awaited<ReturnType<Served[Name]>>> {
    const id = this.#calls++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (result: never) => void, reject });
      this.#child.send({ id, name, args } satisfies Call);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

/** Answers the calls of the process that started this one, and ends with it. */
export function serve(methods: Methods): void {
  process.on('message', (call: Call) => void answer(methods, call));
  process.once('disconnect', () => process.exit());
}

async function answer(methods: Methods, { id, name, args }: Call): Promise<void> {
  try {
    process.send?.({ id, result: await methods[name]?.(...args) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
