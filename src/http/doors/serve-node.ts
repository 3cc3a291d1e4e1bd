import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemHeaders, toProblem } from '../problem.ts';
import type { GetApp } from './load-app.ts';

/** Answers a request of Node's own types: a listener of `node:http`, a handler of Express and Connect. */
export type NodeHandler<Incoming extends IncomingMessage = IncomingMessage> = (
  request: Incoming,
  response: ServerResponse,
) => Promise<void>;

/** Serves an app to hosts that have an HTTP server of their own. */
export function serveNode<Incoming extends IncomingMessage>(getApp: GetApp): NodeHandler<Incoming> {
  return async (request, response) => {
    try {
      const app = await getApp();
      await app.ready();
      request.url = originalUrl(request) ?? request.url;
      app.routing(request, response);
    } catch (error) {
      // A host of Node's own would end the process for a promise that nobody handles.
      const problem = toProblem(error);
      response.writeHead(problem.status, problemHeaders(problem)).end(JSON.stringify(problem));
    }
  };
}

/** Express and Connect take from `url` what a handler is mounted at, and keep the whole beside it. */
function originalUrl(request: IncomingMessage): string | undefined {
  const url: unknown = Reflect.get(request, 'originalUrl');
  return typeof url === 'string' ? url : undefined;
}
