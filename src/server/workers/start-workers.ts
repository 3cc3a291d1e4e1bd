import { openDatabase } from '../../database/open.ts';
import type { Config } from '../config.ts';
import { allowing } from '../observe/metrics.ts';
import { serveMetricsAt } from '../observe/serve-metrics.ts';
import { assertFree, createLog, prepareDatabase, type RunningServer } from '../start.ts';
import { Primary } from './primary.ts';
import { WorkerMetrics } from './worker-metrics.ts';

/**
 * Starts `config.workers` servers in processes of their own that share a port. This process looks after them, and serves
 * nothing but their metrics.
 *
 * @param onFailure told when, later, no worker is left and none can be started.
 * @throws QuestlogError with one clear sentence; a worker that cannot start has said why.
 */
export async function startWorkers(
  config: Config,
  onFailure: (error: unknown) => void,
): Promise<RunningServer> {
  await assertFree(config);
  const log = createLog(config.logLevel);
  const db = await openDatabase(config.database, { schema: config.schema, poolSize: 1 });
  await prepareDatabase(db, config, log).finally(() => db.close());
  const { metrics, server } = await observe(config);
  try {
    const primary = new Primary({ size: config.workers, log, metrics, onFailure });
    const summary = await primary.start();
    const own = [
      `  workers         ${config.workers}`,
      ...(server === undefined ? [] : [`  metrics         ${server.url}`]),
    ];
    return {
      summary: [...summary.slice(0, -1), ...own, ...summary.slice(-1)],
      log,
      stop: () => primary.stop().finally(() => server?.close()),
    };
  } catch (error) {
    await server?.close();
    throw error;
  }
}

async function observe({ metrics: settings }: Config) {
  if (settings === undefined) return { metrics: undefined, server: undefined };
  const { default: client } = await import('prom-client');
  const metrics = new WorkerMetrics(client.AggregatorRegistry);
  const { contentType } = new client.Registry();
  const { render } = metrics;
  const server =
    settings.place &&
    (await serveMetricsAt({ contentType, render, allows: allowing(settings.token) }, settings.place));
  return { metrics, server };
}
