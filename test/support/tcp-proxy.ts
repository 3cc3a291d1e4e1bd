import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A way to a server that a test can cut, gone when the test ends. */
export interface TcpProxy {
  /** `url` as it is behind the proxy. */
  readonly url: string;
  /** Breaks every connection; a new one is refused until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** @param translate changes what the server says. */
export async function startTcpProxy(
  url: string,
  translate: (answer: Buffer) => Buffer = (answer) => answer,
): Promise<TcpProxy> {
  const target = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    const translation = new Transform({
      transform: (answer, _encoding, done) => done(null, translate(answer)),
    });
    socket.pipe(upstream);
    upstream.pipe(translation).pipe(socket);
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
  onTestFinished(() => stop(server, open));
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    cut: () => stop(server, open),
    mend: () => listen(port),
  };
}

async function stop(server: Server, open: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of open) socket.destroy();
  await closed;
}
