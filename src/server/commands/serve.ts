import { type Config, readConfig } from '../config.ts';
import { STOP_TIMEOUT_MS } from '../requests/closing.ts';
import { type RunningServer, startServer } from '../start.ts';
import type { Command } from './command.ts';
import { fail } from './fail.ts';
import { whenOrphaned } from './when-orphaned.ts';

export const serve: Command = {
  name: 'serve',
  takes: '[AGENTS]',
  summary: 'serve the agents of a module, such as ./agents.ts; without one, as questlog alone: the example',
  async run([agents = process.env.QUESTLOG_AGENTS]) {
    const config = readConfig({ ...process.env, QUESTLOG_AGENTS: agents });
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    const server = await startServer(config, say);
    server.summary.forEach(say);
    let stopping = false;
    const stopOnce = () => {
      if (!stopping) stop(server, config);
      stopping = true;
    };
    // Not `once`: the Agents SDK ends the process by itself as soon as it is the only listener of a signal.
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => (stopping ? process.exit(1) : stopOnce()));
    }
    whenOrphaned(stopOnce);
  },
};

function stop(server: RunningServer, { shutdownMs }: Config): void {
  setTimeout(() => process.exit(1), shutdownMs + STOP_TIMEOUT_MS).unref();
  server.stop().then(() => process.exit(0), fail);
}
