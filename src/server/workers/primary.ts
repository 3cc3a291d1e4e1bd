import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { QuestlogError } from '../../errors.ts';
import { Line } from './line.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
/** A worker that has served for so long ends for a reason of its own. */
const STEADY_MS = 60_000;

/** What people are told of a server. */
type Summary = readonly string[];

export interface PrimaryOptions {
  readonly size: number;
  readonly log: Logger;
  readonly metrics: WorkerMetrics | undefined;
  /** Told when no worker is left and none can be started. */
  readonly onFailure: (error: unknown) => void;
}

/** The workers of this process, which share its port. One that ends is replaced, later each time if it ends soon. */
export class Primary {
  readonly #options: PrimaryOptions;
  readonly #workers = new Map<Worker, Line>();
  readonly #serving = new Set<Worker>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** In a row, of those that have not served for long. */
  #earlyEnds = 0;
  #isStopping = false;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    // Metrics have numbers that JSON does not.
    cluster.setupPrimary({ serialization: 'advanced' });
    // However this process ends, nobody serves on without it.
    process.once('exit', () => {
      for (const worker of this.#workers.keys()) worker.process.kill('SIGKILL');
    });
  }

  /**
   * Starts one, and the others when it serves: what keeps all of them from it is said once.
   *
   * @throws QuestlogError `shutting_down` when one cannot be started; it has said why.
   */
  async start(): Promise<Summary> {
    const summary = await this.#fork();
    await Promise.all(Array.from({ length: this.#options.size - 1 }, () => this.#fork()));
    return summary;
  }

  /** Has all of them end what is under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const codes = await Promise.all(
      [...this.#workers].map(async ([worker, line]) => {
        const ended = once(worker, 'exit');
        line.ask('stop').catch(() => {});
        return (await ended)[0];
      }),
    );
    if (codes.some((code) => code !== 0))
      throw new QuestlogError('internal', 'a worker did not stop in time');
  }

  /** Resolves when the worker serves. */
  #fork(): Promise<Summary> {
    const { metrics, log } = this.#options;
    const worker = cluster.fork();
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const line = new Line(worker.send.bind(worker), (question, value) => {
        if (question === 'metrics') return metrics?.render();
        this.#serving.add(worker);
        log.info({ worker: worker.id, pid: worker.process.pid }, 'a worker serves');
        metrics?.add(worker.id, () => line.ask('snapshot'));
        resolve(value as Summary);
      });
      this.#workers.set(worker, line);
      worker.on('message', (message) => line.receive(message));
      worker.once('exit', (code, signal) => {
        this.#workers.delete(worker);
        metrics?.retire(worker.id);
        reject(new QuestlogError('shutting_down', `worker ${worker.id} ended before it served`));
        if (!this.#serving.delete(worker) || this.#isStopping) return;
        log.warn({ worker: worker.id, code, signal }, 'a worker has ended');
        if (performance.now() - startedAt > STEADY_MS) this.#earlyEnds = 0;
        this.#replaceLater();
      });
    });
  }

  #replaceLater(): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#fork().catch((error) => this.#onFailedStart(error));
      },
      Math.min(FIRST_BACKOFF_MS * 2 ** this.#earlyEnds, MAX_BACKOFF_MS),
    );
    this.#earlyEnds += 1;
    this.#timers.add(timer);
  }

  /** As long as one serves, the others are tried again: the database may be away. */
  #onFailedStart(error: unknown): void {
    if (this.#isStopping) return;
    if (this.#serving.size === 0) this.#options.onFailure(error);
    else this.#replaceLater();
  }
}
