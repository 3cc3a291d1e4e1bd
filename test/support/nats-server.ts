import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { findProgram } from './debian.ts';
import { freePort } from './local-server.ts';

export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * Starts a real NATS server, stopped when the test ends.
 *
 * @returns why there is none, for `skip`.
 */
export async function startNatsServer(): Promise<NatsServer | { readonly missing: string }> {
  const binary = findProgram('nats-server', 'usr/sbin/nats-server');
  if (binary === undefined) return { missing: 'no nats-server on the PATH, and no Debian package of it' };
  const port = await freePort();
  let stop = () => Promise.resolve();
  const start = async () => {
    const child = spawn(binary, ['-a', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    const isReady = new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk) => {
        log += chunk;
        if (log.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended:\n${log}`)));
    });
    stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
    await isReady;
  };
  onTestFinished(() => stop());
  await start();
  return { url: `nats://127.0.0.1:${port}`, start, stop: () => stop() };
}
