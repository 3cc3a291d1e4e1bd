import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { QuestlogError } from '../../errors.ts';
import type { RateLimit } from '../requests/rate-limits.ts';
import { listenOn } from './listen.ts';
import type { Metrics } from './metrics.ts';

const PATH = '/metrics';
/** A scraper sends one request at a time. */
const MAX_CONNECTIONS = 20;
const REQUEST_TIMEOUT_MS = 10_000;

/** A server of metrics that listens. */
export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves metrics, and nothing else, on a port of their own.
 *
 * @throws QuestlogError `invalid_configuration` when it cannot listen there.
 */
export async function serveMetricsAt(
  metrics: Metrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, reply) => void answer(metrics, request, reply),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listenOn(server, { host, port }, 'QUESTLOG_METRICS_PORT');
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(metrics: Metrics, request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const refuse = (status: number, text: string, headers = {}) =>
    void reply
      .writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
      .end(`${text}\n`);
  if (request.url?.split('?')[0] !== PATH) return refuse(404, `there is nothing here but ${PATH}`);
  if (request.method !== 'GET') return refuse(405, 'only GET', { allow: 'GET' });
  if (!metrics.allows(request.headers.authorization)) {
    return refuse(401, 'the token of the metrics is missing or wrong', { 'www-authenticate': 'Bearer' });
  }
  try {
    const text = await metrics.render();
    reply.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(text);
  } catch {
    refuse(500, 'the metrics could not be collected');
  }
}

/** Serves metrics beside everything else, to whoever has their token. */
export function routeMetrics(app: FastifyInstance, metrics: Metrics, limitUnauthenticated: RateLimit): void {
  app.route({
    method: 'GET',
    url: PATH,
    exposeHeadRoute: false,
    config: { quiet: true, rateLimit: false },
    schema: { hide: true },
    handler: async (request, reply) => {
      if (!metrics.allows(request.headers.authorization)) {
        await limitUnauthenticated(request);
        throw new QuestlogError('unauthenticated', 'the token of the metrics is missing or wrong');
      }
      return reply
        .header('content-type', metrics.contentType)
        .header('cache-control', 'no-store')
        .send(await metrics.render());
    },
  });
}
