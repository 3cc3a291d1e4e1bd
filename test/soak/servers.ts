import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compiled } from '../support/compiled.ts';
import { freePort } from '../support/local-server.ts';
import { type Program, startProgram } from '../support/process.ts';

/** One server of several, at an address that it keeps when it is started again. */
export class Server {
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #ports: { readonly port: number; readonly metrics: number };
  #program: Program | undefined;
  #stopping = false;
  /** What it said at last when it ended though nobody had ended it. */
  readonly crashes: string[] = [];

  /** @param home a folder in which it makes one of its own: no `.env` of a developer is read. */
  static async start(env: Readonly<Record<string, string>>, home: string): Promise<Server> {
    const ports = { port: await freePort(), metrics: await freePort() };
    const server = new Server(env, join(home, String(ports.port)), ports);
    mkdirSync(server.#folder);
    await server.#start();
    return server;
  }

  private constructor(
    env: Readonly<Record<string, string>>,
    folder: string,
    ports: { readonly port: number; readonly metrics: number },
  ) {
    this.url = `http://127.0.0.1:${ports.port}`;
    this.#env = env;
    this.#folder = folder;
    this.#ports = ports;
  }

  /** The value of each metric that has no labels. */
  async readMetrics(): Promise<ReadonlyMap<string, number>> {
    const reply = await fetch(`http://127.0.0.1:${this.#ports.metrics}/metrics`);
    const lines = (await reply.text()).matchAll(/^(\w+) ([\d.e+-]+)$/gm);
    return new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
  }

  /** Ends it and starts it again. */
  async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    await this.#start();
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    this.#stopping = true;
    await this.#program?.kill(signal);
  }

  async #start(): Promise<void> {
    this.#stopping = false;
    const { port, metrics } = this.#ports;
    const program = startProgram(compiled('src/server/cli.ts'), {
      cwd: this.#folder,
      env: { ...this.#env, PORT: String(port), QUESTLOG_METRICS_PORT: String(metrics), LOG_LEVEL: 'fatal' },
    });
    this.#program = program;
    void program.exited.then(() => {
      if (!this.#stopping) this.crashes.push(program.output().slice(-2_000));
    });
    await program.line(/^ {2}model /);
  }
}
