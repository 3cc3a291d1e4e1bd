import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GetApp } from './load-app.ts';

/** Answers a request of Node's own types: a listener of `node:http`, a handler of Express and Connect. */
export type NodeHandler<Incoming extends IncomingMessage = IncomingMessage> = (
  request: Incoming,
  response: ServerResponse,
) => Promise<void>;

/** Serves an app to hosts that have an HTTP server of their own. */
export function serveNode<Incoming extends IncomingMessage>(getApp: GetApp): NodeHandler<Incoming> {
  return async (request, response) => {
    const app = await getApp();
    await app.ready();
    request.url = originalUrl(request) ?? request.url;
    app.routing(request, response);
  };
}

/** Express and Connect take from `url` what a handler is mounted at, and keep the whole beside it. */
function originalUrl(request: IncomingMessage): string | undefined {
  const url: unknown = Reflect.get(request, 'originalUrl');
  return typeof url === 'string' ? url : undefined;
}
