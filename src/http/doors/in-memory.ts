import type { Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';

/**
 * Connects to a server that need not listen, without a socket.
 *
 * @param remoteAddress what the server takes for the address of its client.
 * @returns the client's side of the connection.
 */
export function connectTo(server: Server, remoteAddress: string | undefined): Duplex {
  const [client, accepted] = duplexPair();
  // The sides of a pair do not tell each other.
  client.once('close', () => accepted.destroy());
  accepted.once('close', () => client.destroy());
  server.emit('connection', Object.assign(accepted, { remoteAddress }));
  return client;
}
