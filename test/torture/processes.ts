import { type RunsProcess, type RunsProcessOptions, startRunsProcess } from '../support/runs-process.ts';

/** Of a process that is started while something is wrong: a database that is away then ends it. */
const STARTS = 30;
/** What is told of the output of one that has ended by itself. */
const OUTPUT_LENGTH = 2_000;

/** Some processes on one database, each a server and a user of the library. Who asks one that is down waits for it. */
export class Processes {
  readonly #place: RunsProcessOptions;
  readonly #running: Promise<RunsProcess>[];
  readonly #stopped = new Set<RunsProcess>();
  readonly #crashes: string[] = [];

  constructor(place: RunsProcessOptions, count: number) {
    this.#place = place;
    this.#running = Array.from({ length: count }, () => this.#start());
  }

  /** What those have said at last that nobody had stopped. */
  get crashes(): readonly string[] {
    return this.#crashes;
  }

  /** Asks one of them as this user. */
  async ask(
    choice: number,
    userId: string,
    ...[method, path, body, more]: Parameters<RunsProcess['ask']>
  ): Promise<Response> {
    const process = (await this.#running[choice % this.#running.length]) as RunsProcess;
    return process.ask(method, path, body, { ...more, headers: { 'x-test-user': userId } });
  }

  /** Kills one of them and starts it again. */
  async restart(choice: number): Promise<void> {
    const index = choice % this.#running.length;
    const killed = (await this.#running[index]) as RunsProcess;
    this.#running[index] = this.#end(killed, 'SIGKILL').then(() => this.#startAgain());
    await this.#running[index];
  }

  /** Kills one of them when the one that takes its place is there: clients lose no time. */
  async replace(choice: number): Promise<void> {
    const index = choice % this.#running.length;
    const next = this.#startAgain();
    await next;
    const killed = (await this.#running[index]) as RunsProcess;
    this.#running[index] = next;
    await this.#end(killed, 'SIGKILL');
  }

  /** Ends all of them in order. */
  async stop(): Promise<void> {
    const running = await Promise.all(this.#running);
    await Promise.all(running.map((process) => this.#end(process, 'SIGTERM')));
  }

  async #end(process: RunsProcess, signal: NodeJS.Signals): Promise<void> {
    this.#stopped.add(process);
    await process.program.kill(signal);
  }

  async #startAgain(): Promise<RunsProcess> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#start();
      } catch (error) {
        if (tries === STARTS) throw error;
      }
    }
  }

  async #start(): Promise<RunsProcess> {
    const process = await startRunsProcess(this.#place);
    void process.program.exited.then(() => {
      if (!this.#stopped.has(process)) this.#crashes.push(process.program.output().slice(-OUTPUT_LENGTH));
    });
    return process;
  }
}
