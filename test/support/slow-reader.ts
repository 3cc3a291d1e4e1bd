import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { onTestFinished } from 'vitest';

export interface SocketRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply whose body stays in the sockets until somebody reads it: `resume`, `destroy` or `readAll`. */
export async function openStream(url: string, { method = 'GET', body, headers }: SocketRequest = {}) {
  const options: RequestOptions = {
    method,
    // A connection of its own, which ends with the reply.
    agent: false,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  };
  const sent = request(url, options);
  sent.on('error', () => undefined);
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  reply.on('error', () => undefined);
  onTestFinished(() => {
    reply.destroy();
  });
  return reply;
}

/** The rest of a reply's body. */
export async function readAll(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
