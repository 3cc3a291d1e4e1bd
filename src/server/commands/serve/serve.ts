import { type Config, readConfig } from '../../config.ts';
import { STOP_TIMEOUT_MS } from '../../requests/closing.ts';
import { type RunningServer, startServer } from '../../start.ts';
import type { Command } from '../command.ts';
import { fail } from '../fail.ts';
import { whenOrphaned } from './when-orphaned.ts';

const NPM_ECHO_MS = 500;

export const serve: Command = {
  name: 'serve',
  takes: '[AGENTS]',
  summary: 'serve the agents of a module, such as ./agents.ts; without one, as questlog alone: the example',
  async run([agents = process.env.QUESTLOG_AGENTS]) {
    const config = readConfig({ ...process.env, QUESTLOG_AGENTS: agents });
    const say = (line: string) => void process.stdout.write(`${line}\n`);
    const server = await startServer(config, say);
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
  },
};

/** Of one Ctrl+C this process hears twice under npm: from the terminal, and from npm, which passes signals on. */
function isSecond(stoppedAt: number | undefined): boolean {
  const echoMs = process.env.npm_lifecycle_event === undefined ? 0 : NPM_ECHO_MS;
  return stoppedAt !== undefined && Date.now() - stoppedAt >= echoMs;
}

function stop(server: RunningServer, { shutdownMs }: Config): void {
  setTimeout(() => process.exit(1), shutdownMs + STOP_TIMEOUT_MS).unref();
  server.stop().then(() => process.exit(0), fail);
}
