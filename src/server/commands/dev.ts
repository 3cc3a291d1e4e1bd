import { spawn } from 'node:child_process';
import type { Command } from './command.ts';
import { serve } from './serve.ts';
import { whenOrphaned } from './when-orphaned.ts';

/** So that Node watches what a server has imported, and starts it anew when that changes. */
const WATCH = ['--watch', '--watch-preserve-output'];

export const dev: Command = {
  name: 'dev',
  takes: '[AGENTS]',
  summary: 'as serve, and again with every change of the module or of what it imports',
  async run(args) {
    const [, program = ''] = process.argv;
    const watcher = spawn(process.execPath, [...WATCH, ...process.execArgv, program, serve.name, ...args], {
      stdio: 'inherit',
      // In a group of its own: of Ctrl+C, which goes to a whole group, the server hears once, through the watcher.
      detached: true,
    });
    watcher.once('exit', (code) => process.exit(code ?? 1));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => watcher.kill(signal));
    const stop = () => watcher.kill('SIGTERM');
    // The terminal is closed.
    process.on('SIGHUP', stop);
    whenOrphaned(stop);
  },
};
