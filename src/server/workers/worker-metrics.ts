import type { AggregatorRegistry } from 'prom-client';
import { singleFlight } from '../../database/single-flight.ts';

/** The metrics of one process. */
export type Snapshot = readonly object[];

/** Asks a worker for its metrics. */
export type TakeSnapshot = () => Promise<unknown>;

/** The metrics of all workers, as if they were of one process: sums, or what the metric itself says (`aggregator`). */
export class WorkerMetrics {
  readonly #registry: typeof AggregatorRegistry;
  readonly #workers = new Map<number, { readonly take: TakeSnapshot; latest: Snapshot }>();
  /** What the workers that have ended had counted: a sum that falls looks like a restart, and would be counted twice. */
  #ended: Promise<Snapshot> = Promise.resolve([]);
  /** The text of a scrape. Those who ask at the same time get the same. */
  readonly render = singleFlight(() => this.#render());

  constructor(registry: typeof AggregatorRegistry) {
    this.#registry = registry;
  }

  add(id: number, take: TakeSnapshot): void {
    this.#workers.set(id, { take, latest: [] });
  }

  /** Of a worker that has ended: what it counted up to its last scrape stays in the sums. */
  retire(id: number): void {
    const counted = (this.#workers.get(id)?.latest ?? []).filter(isCounted);
    this.#workers.delete(id);
    this.#ended = this.#ended.then((ended) => this.#merge([ended, counted]).getMetricsAsJSON());
  }

  async #render(): Promise<string> {
    const workers = [...this.#workers.values()];
    // Of who is too busy to answer, what it last said.
    await Promise.all(
      workers.map(async (worker) => {
        worker.latest = await worker.take().then(
          (snapshot) => snapshot as Snapshot,
          () => worker.latest,
        );
      }),
    );
    const ended = await this.#ended;
    const latest = [...this.#workers.values()].map((worker) => worker.latest);
    return this.#merge([...latest, ended]).metrics();
  }

  #merge(snapshots: readonly Snapshot[]) {
    return this.#registry.aggregate([...snapshots]);
  }
}

function isCounted(metric: object): boolean {
  return ['counter', 'histogram'].includes(String(Reflect.get(metric, 'type')));
}
