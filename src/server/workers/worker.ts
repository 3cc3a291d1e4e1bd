import cluster from 'node:cluster';
import type { Config } from '../config.ts';
import { type RunningServer, startServer } from '../start.ts';
import { Line } from './line.ts';

/**
 * Serves as one of the workers of a primary, until that says `stop`. When the primary dies, the process ends with it (as Node
 * has it): its runs are taken over by others.
 *
 * @param onStop told once that it shall stop, before it serves, too.
 */
export async function serveAsWorker(config: Config, onStop: () => void): Promise<RunningServer> {
  let takeSnapshot = async (): Promise<readonly object[]> => [];
  const line = new Line(
    (message, done) => process.send?.(message, undefined, undefined, done),
    (question) => (question === 'stop' ? onStop() : takeSnapshot()),
  );
  process.on('message', (message) => line.receive(message));
  // The primary has brought the tables up to date.
  const server = await startServer({ ...config, migrates: false }, () => {}, {
    id: cluster.worker?.id ?? 0,
    shareMetrics(own) {
      takeSnapshot = own.takeSnapshot;
      return { ...own, render: async () => String(await line.ask('metrics')) };
    },
  });
  // Whether it is heard is the primary's concern: without it this process would end.
  line.ask('ready', server.summary).catch(() => {});
  return server;
}
