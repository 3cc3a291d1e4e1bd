import { STOP_TIMEOUT_MS } from '../closing.ts';
import { type Config, readConfig } from '../config.ts';
import { type RunningServer, startServer } from '../start.ts';
import type { Command } from './command.ts';
import { fail } from './fail.ts';

const ORPHAN_CHECK_INTERVAL_MS = 250;

export const serve: Command = {
  name: 'serve',
  takes: '',
  summary: 'start the server (its variables: see the README); so does questlog alone',
  async run() {
    const config = readConfig(process.env);
    const server = await startServer(config);
    process.stdout.write(`${server.summary.join('\n')}\n`);
    let stopping = false;
    const stopOnce = () => {
      if (!stopping) stop(server, config);
      stopping = true;
    };
    // Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => (stopping ? process.exit(1) : stopOnce()));
    }
    if (process.env.npm_lifecycle_event !== undefined) whenOrphaned(stopOnce);
  },
};

/** `npm start` puts a shell between npm and this process, and the shell does not pass signals on: it only dies. */
function whenOrphaned(stopOnce: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stopOnce();
  }, ORPHAN_CHECK_INTERVAL_MS);
  timer.unref();
}

function stop(server: RunningServer, { shutdownMs }: Config): void {
  setTimeout(() => process.exit(1), shutdownMs + STOP_TIMEOUT_MS).unref();
  server.stop().then(() => process.exit(0), fail);
}
