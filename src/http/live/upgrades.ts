import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** The WebSockets to one path, as a server to listen to. */
export interface Upgrades {
  readonly server: Server;
  /** Whether this one came to it, not to HTTP: nobody else ends its connection. */
  took(request: IncomingMessage): boolean;
  /** From here on none is accepted: each is a request like any other. */
  stop(): void;
}

/**
 * Takes the WebSockets to `path` out of a server's upgrades. Node gives up reading a connection at every upgrade, but
 * some clients offer HTTP/2 with their first request, with a body too, and proxies use a connection again: what is no
 * WebSocket to here is served as the request that it is (RFC 9110, 7.8), unless another listener may want it.
 */
export function takeUpgrades(server: Server, path: string): Upgrades {
  const taken = new EventEmitter();
  const requests = new WeakSet<IncomingMessage>();
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isWebSocketTo(path, request)) {
      requests.add(request);
      taken.emit('upgrade', request, socket, head);
    } else if (server.listenerCount('upgrade') === 1) {
      serveAsRequest(server, request, socket, head);
    }
  };
  server.on('upgrade', onUpgrade);
  return {
    server: taken as Server,
    took: (request) => requests.has(request),
    stop: () => server.off('upgrade', onUpgrade),
  };
}

function isWebSocketTo(path: string, { method, url, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false;
  return url?.replace(/\/?(\?.*)?$/, '') === path;
}

/** Gives the connection back to HTTP, with the request as it came but for its wish. */
function serveAsRequest(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const headers = rawHeaders.flatMap((name, index) =>
    index % 2 === 1 || name.toLowerCase() === 'upgrade' ? [] : [`${name}: ${rawHeaders[index + 1]}\r\n`],
  );
  const text = `${method} ${url} HTTP/${httpVersion}\r\n${headers.join('')}\r\n`;
  socket.unshift(Buffer.concat([Buffer.from(text, 'latin1'), head]));
  server.emit('connection', socket);
}
