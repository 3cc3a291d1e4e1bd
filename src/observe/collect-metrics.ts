import type { Registry } from 'prom-client';
import { type Checks, checkOptions, has, isFunction } from '../options.ts';
import { collectDatabase } from './metrics/database.ts';
import type { Maker } from './metrics/maker.ts';
import { collectRequests } from './metrics/requests.ts';
import { collectRuns } from './metrics/runs.ts';
import { collectTasks } from './metrics/tasks.ts';

/** The parts of `prom-client` that metrics are made with. */
export type PromClient = Maker['client'];

/** Where the metrics of this process go. */
export interface MetricsOptions {
  /** The module itself: `import * as client from 'prom-client'`. */
  readonly client: PromClient;
  /** Gets metrics whose names begin with `questlog_`: one of the application's own, such as `client.register`. */
  readonly registry: Registry;
}

const OPTIONS: Checks<MetricsOptions> = {
  client: (value) =>
    ['Counter', 'Gauge', 'Histogram'].every(
      (name) => isFunction(Reflect.get(Object(value), name)) === undefined,
    )
      ? undefined
      : "must be the module 'prom-client'",
  registry: has('a registry of prom-client', 'registerMetric', 'metrics'),
};

/**
 * Counts and times what Questlog does in this process, from now on: all databases, runs and routers, whoever made them. Call it
 * once for a registry, before the others are made. What it costs is in docs/metrics.md, with each metric.
 *
 * @returns what ends it; the metrics stay in the registry as they are.
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 *
 * @example
 * import * as client from 'prom-client';
 * collectMetrics({ client, registry: client.register });
 */
export function collectMetrics(options: MetricsOptions): () => void {
  checkOptions(options, OPTIONS);
  const { client, registry } = options;
  const maker = { client, registers: [registry] };
  const stops = [collectRequests, collectRuns, collectDatabase, collectTasks].flatMap((collect) =>
    collect(maker),
  );
  return () => {
    for (const stop of stops) stop();
  };
}
