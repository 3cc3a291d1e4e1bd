/** Asks a server as fast as it answers, from a process of its own. */
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { at } from './measure.ts';
import { readStreams } from './stream-reader.ts';
import { serve } from './worker.ts';

export interface Load {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Each connection asks for one of them. */
  readonly paths: readonly string[];
  /** Who asks: see `headersOf` of the server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly connections: number;
  readonly durationMs: number;
}

const methods = {
  async load({ url, paths, connections, durationMs, ...rest }: Load) {
    const { hostname, port } = new URL(url);
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const body = rest.body === undefined ? undefined : JSON.stringify(rest.body);
    const times: number[] = [];
    const began = performance.now();
    const connection = async (number: number) => {
      const options: RequestOptions = {
        agent,
        hostname,
        port,
        path: paths[number % paths.length],
        method: rest.method,
        headers: {
          ...rest.headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      };
      while (performance.now() - began < durationMs) {
        const asked = performance.now();
        await ask(options, body);
        times.push(performance.now() - asked);
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, number) => connection(number)));
    const ms = performance.now() - began;
    agent.destroy();
    times.sort((a, b) => a - b);
    return { requests: times.length, ms, p50: at(times, 0.5), p99: at(times, 0.99) };
  },

  /** How long the reply to one request is. */
  async lengthOf({ url, paths, method, headers, body }: Load): Promise<number> {
    const reply = await fetch(url + paths[0], {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await reply.arrayBuffer()).byteLength;
  },

  /** Reads streams to their end, the starts spread over `spreadMs`. */
  streams: readStreams,
};

export type LoadMethods = typeof methods;

serve(methods);

function ask(options: RequestOptions, body: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (reply: IncomingMessage) => {
      if ((reply.statusCode ?? 500) >= 300) reject(new Error(`${options.path} answered ${reply.statusCode}`));
      reply.resume();
      reply.once('end', resolve);
      reply.once('error', reject);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}
