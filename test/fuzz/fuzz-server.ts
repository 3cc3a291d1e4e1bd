import { compiled } from '../support/compiled.ts';
import { type Program, startProgram } from '../support/process.ts';
import { createSigningKey } from '../support/signing.ts';
import { type StackAuthStub, startStackAuthStub } from '../support/stack-auth.ts';

/** A body may be as long here, in bytes: what is longer is quickly made. */
const BODY_LIMIT = 1_000_000;
/** Longer than any run of the fuzzer, in seconds. */
const TOKEN_SECONDS = 7 * 86_400;

export interface FuzzServerOptions {
  /** A `postgres://` URL; default: PGlite in memory. */
  readonly database?: string | undefined;
  /** An empty folder to run in. */
  readonly folder: string;
}

/** `questlog` as people start it, in a process of its own, behind a Stack Auth of this process. */
export class FuzzServer {
  readonly url: string;
  readonly program: Program;
  readonly #stack: StackAuthStub;

  private constructor(url: string, program: Program, stack: StackAuthStub) {
    this.url = url;
    this.program = program;
    this.#stack = stack;
  }

  static async start({ database, folder }: FuzzServerOptions): Promise<FuzzServer> {
    const stack = await startStackAuthStub();
    const program = startProgram(compiled('src/server/cli.ts'), {
      preload: ['test/fuzz/report-heap.mjs'],
      cwd: folder,
      env: {
        PORT: '0',
        LOG_LEVEL: 'error',
        ...(database === undefined ? { QUESTLOG_DATA_DIR: 'memory://' } : { DATABASE_URL: database }),
        STACK_PROJECT_ID: stack.projectId,
        STACK_API_URL: stack.apiUrl,
        QUESTLOG_RATE_LIMIT: '1000000',
        QUESTLOG_BODY_LIMIT: String(BODY_LIMIT),
      },
    });
    const line = await program.line(/^Questlog listens on /);
    return new FuzzServer(/http:\/\/\S+/.exec(line)?.[0] ?? '', program, stack);
  }

  tokenOf(userId: string): Promise<string> {
    return this.#stack.sign({ userId, expiresIn: TOKEN_SECONDS });
  }

  /** A token that only claims to be signed by the project. */
  async forgedToken(): Promise<string> {
    const [key] = this.#stack.keys.normal;
    return this.#stack.sign({ key: await createSigningKey(key?.kid), expiresIn: TOKEN_SECONDS });
  }

  /** Megabytes that the process holds, without garbage. */
  async heapMegabytes(): Promise<number> {
    const { heapUsed } = await this.program.ask<NodeJS.MemoryUsage>('heap');
    return Math.round(heapUsed / 1e6);
  }

  async stop(): Promise<void> {
    await this.program.kill();
    await this.#stack.close();
  }
}
