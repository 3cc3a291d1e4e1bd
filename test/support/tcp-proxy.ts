import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { CleanUp } from './clean-up.ts';

/** A way to a server that a test can cut. */
export interface TcpProxy {
  /** `url` as it is behind the proxy. */
  readonly url: string;
  /** Breaks every connection; a new one is refused until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Lets nothing pass for so many milliseconds, in either direction; then all of it. */
  stall(ms: number): Promise<void>;
  /** Leads new connections to another server. */
  leadTo(url: string): void;
}

/**
 * @param translate changes what the server says.
 * @param atEnd when it goes. Default: when the test ends.
 */
export async function startTcpProxy(
  url: string,
  translate: (answer: Buffer) => Buffer = (answer) => answer,
  atEnd: CleanUp = onTestFinished,
): Promise<TcpProxy> {
  let target = new URL(url);
  let passing: Promise<void> = Promise.resolve();
  const open = new Set<Socket>();
  const relay = (change: (chunk: Buffer) => Buffer) =>
    new Transform({
      transform: (chunk, _encoding, done) => void passing.then(() => done(null, change(chunk))),
    });
  const server = createServer((socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    socket.pipe(relay((asked) => asked)).pipe(upstream);
    upstream.pipe(relay(translate)).pipe(socket);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  atEnd(() => stop(server, open));
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    cut: () => stop(server, open),
    mend: () => listen(port),
    stall(ms) {
      passing = sleep(ms);
      return passing;
    },
    leadTo(next) {
      target = new URL(next);
    },
  };
}

async function stop(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of open) socket.destroy();
  await closed;
}
