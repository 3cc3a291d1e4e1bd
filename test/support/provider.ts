import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { closeServer, listenLocally } from './local-server.ts';

/** How the stand-in of a model's provider answers every request. */
export interface ProviderReply {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  /** Beside the type, or instead of it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection after the body instead of ending the reply. */
  readonly breaks?: boolean;
  /** Never answers. */
  readonly hangs?: boolean;
}

/** A server on 127.0.0.1 that answers as a provider in trouble does, closed when the test ends. */
export async function startProvider(
  replies: ProviderReply | (() => ProviderReply),
): Promise<{ baseUrl: string; requests: () => number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const reply = typeof replies === 'function' ? replies() : replies;
    request.resume();
    if (reply.hangs) return;
    // The client tries again after 500, 429 and the like: at once, so that the test need not wait.
    response.writeHead(reply.status ?? 200, {
      'content-type': reply.type ?? 'application/json',
      ...(reply.headers ?? { 'retry-after-ms': '1' }),
    });
    if (reply.breaks) response.write(reply.body ?? '', () => response.destroy());
    else response.end(reply.body);
  });
  const port = await listenLocally(server);
  onTestFinished(() => closeServer(server));
  return { baseUrl: `http://127.0.0.1:${port}/v1`, requests: () => requests };
}
