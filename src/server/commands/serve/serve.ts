import cluster from 'node:cluster';
import { type Config, readConfig } from '../../config.ts';
import { STOP_TIMEOUT_MS } from '../../requests/closing.ts';
import { type RunningServer, startServer } from '../../start.ts';
import { startWorkers } from '../../workers/start-workers.ts';
import { serveAsWorker } from '../../workers/worker.ts';
import type { Run } from '../command.ts';
import { fail } from '../fail.ts';
import { whenOrphaned } from './when-orphaned.ts';

const NPM_ECHO_MS = 500;

export const serve: Run = async ([agents = process.env.QUESTLOG_AGENTS], options) => {
  const { QUESTLOG_WORKERS: workers = '' } = process.env;
  const config = readConfig({
    ...process.env,
    QUESTLOG_AGENTS: agents,
    QUESTLOG_WORKERS: options.get('workers') ?? workers,
  });
  if (config.workers > 1 && cluster.isWorker) return serveBesideOthers(config);
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const server = config.workers > 1 ? await startWorkers(config, fail) : await startServer(config, say);
  server.summary.forEach(say);
  let stoppedAt: number | undefined;
  const stopOnce = () => {
    if (stoppedAt === undefined) stop(server, config);
    stoppedAt ??= Date.now();
  };
  // Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => (isSecond(stoppedAt) ? process.exit(1) : stopOnce()));
  }
  whenOrphaned(stopOnce);
  return undefined;
};

/** A worker leaves Ctrl+C, which goes to all of a terminal's processes, to its primary, and is stopped once, whoever says so. */
async function serveBesideOthers(config: Config): Promise<undefined> {
  let stopOnce = (): void => process.exit(0);
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => stopOnce());
  const server = await serveAsWorker(config, () => stopOnce());
  let isStopping = false;
  stopOnce = () => {
    if (!isStopping) stop(server, config);
    isStopping = true;
  };
}

/** Of one Ctrl+C this process hears twice under npm: from the terminal, and from npm, which passes signals on. */
function isSecond(stoppedAt: number | undefined): boolean {
  const echoMs = process.env.npm_lifecycle_event === undefined ? 0 : NPM_ECHO_MS;
  return stoppedAt !== undefined && Date.now() - stoppedAt >= echoMs;
}

function stop(server: RunningServer, { shutdownMs }: Config): void {
  setTimeout(() => process.exit(1), shutdownMs + STOP_TIMEOUT_MS).unref();
  server.stop().then(() => process.exit(0), fail);
}
