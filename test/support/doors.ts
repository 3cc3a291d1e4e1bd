import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { type FetchHandler, serveFetch } from '../../src/http/doors/serve-fetch.ts';
import { serveNode } from '../../src/http/doors/serve-node.ts';
import { listenLocally } from './local-server.ts';

/** A host that is not Fastify, as the tests of HTTP go through it: `npm run test:doors`. */
export type Door = 'fetch' | 'node';

/** The door of this run of tests; undefined: the app is asked by itself. */
export const DOOR = (['fetch', 'node'] as const).find((door) => process.env.MODE === `through-${door}`);

type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An app that is asked (`inject`) and listens (`listen`) through a door of it. */
export function throughDoor(app: FastifyInstance, door: Door | undefined = DOOR): FastifyInstance {
  if (door === undefined) return app;
  const handler = serveFetch(async () => app, {
    clientAddress: (request) => request.headers.get(ADDRESS) ?? '127.0.0.1',
  });
  const listener = door === 'fetch' ? toListener(handler) : serveNode(async () => app);
  const host = new Host(app, listener);
  const ask = door === 'fetch' ? (options: InjectOptions) => askFetch(handler, options) : host.ask;
  const asked = async (options: InjectOptions | string) => {
    const request = typeof options === 'string' ? { url: options } : options;
    return toInjected(await ask(request));
  };
  return Object.assign(app, { inject: asked, listen: () => host.listen() });
}

/** What stands for the address of a client. */
const ADDRESS = 'x-test-address';
const DRAIN_MS = 1_000;

interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly bytes: Buffer;
}

/** An HTTP server in front of an app, which is closed with it. */
class Host {
  readonly #app: FastifyInstance;
  readonly #server;

  constructor(app: FastifyInstance, listener: Listener) {
    this.#app = app;
    this.#server = createServer({ requireHostHeader: false }, (request, response) => {
      void listener(request, response);
    });
    this.#server.on('upgrade', (...upgrade) => app.server.emit('upgrade', ...upgrade));
    app.addHook('onClose', async () => {
      if (this.#server.listening) await this.#close();
    });
  }

  async listen(): Promise<string> {
    await this.#app.ready();
    if (!this.#server.listening) await listenLocally(this.#server);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As a host does: replies go out, for a while. */
  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const cut = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(cut);
  }

  readonly ask = async ({ method = 'GET', url, headers, payload }: InjectOptions): Promise<Reply> => {
    const sent = sendRequest(await this.listen(), {
      method,
      path: pathOf(url),
      agent: false,
      headers: { host: 'localhost:80', ...headersOf(payload), ...trimmed(headers) },
    });
    const replied = once(sent, 'response') as Promise<[IncomingMessage]>;
    pipeline(toStream(payload), sent).catch(() => undefined);
    const [reply] = await replied;
    return {
      status: reply.statusCode ?? 0,
      headers: reply.headers as Reply['headers'],
      bytes: await buffer(reply),
    };
  };
}

async function askFetch(handler: FetchHandler, options: InjectOptions): Promise<Reply> {
  const { method = 'GET', url, headers, payload, remoteAddress } = options;
  const init: RequestInit = {
    method,
    headers: {
      host: 'localhost:80',
      ...headersOf(payload),
      ...(headers as Record<string, string>),
      ...(remoteAddress === undefined ? {} : { [ADDRESS]: remoteAddress }),
    },
  };
  // The web's types know no body of a GET.
  const hasBody = payload !== undefined && !['GET', 'HEAD'].includes(method);
  const body = hasBody ? { body: Readable.toWeb(toStream(payload)), duplex: 'half' } : {};
  const reply = await handler(new Request(`http://localhost:80${url}`, { ...init, ...body } as RequestInit));
  return {
    status: reply.status,
    headers: { ...Object.fromEntries(reply.headers), 'set-cookie': reply.headers.getSetCookie() },
    bytes: Buffer.from(await reply.arrayBuffer()),
  };
}

function toStream(payload: InjectOptions['payload']): Readable {
  if (payload instanceof Readable) return payload;
  return Readable.from([toBytes(payload)].filter(({ length }) => length > 0));
}

function toBytes(payload: InjectOptions['payload']): Buffer {
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return Buffer.from(payload as string);
  return Buffer.from(payload === undefined ? '' : JSON.stringify(payload));
}

/** What `inject` makes of a URL, too: it may hold what no request line does. */
function pathOf(url: InjectOptions['url']): string {
  const { pathname, search } = new URL(String(url), 'http://localhost');
  return pathname + search;
}

/** As a client would send them. */
function trimmed(headers: InjectOptions['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [name, String(value).trim()]),
  );
}

/** What `inject` says of a body by itself. */
function headersOf(payload: InjectOptions['payload']): Record<string, string> {
  if (payload === undefined || payload instanceof Readable) return {};
  const isJson = typeof payload !== 'string' && !Buffer.isBuffer(payload);
  return {
    'content-length': String(toBytes(payload).length),
    ...(isJson ? { 'content-type': 'application/json' } : {}),
  };
}

function toInjected({ status, headers, bytes }: Reply): LightMyRequestResponse {
  const body = bytes.toString();
  return {
    statusCode: status,
    headers,
    body,
    payload: body,
    rawPayload: bytes,
    json: () => JSON.parse(body),
  } as unknown as LightMyRequestResponse;
}

/** A host whose own types are the web's, such as Hono's server for Node. */
export function toListener(handler: FetchHandler): Listener {
  return async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const hasBody = !['GET', 'HEAD'].includes(request.method ?? 'GET');
    const reply = await handler(
      new Request(`http://${request.headers.host ?? 'localhost'}${request.url}`, {
        method: request.method,
        headers: Object.entries(request.headers).flatMap(([name, value]) =>
          [value ?? []].flat().map((one): [string, string] => [name, one]),
        ),
        signal: gone.signal,
        ...(hasBody ? { body: Readable.toWeb(request), duplex: 'half' } : {}),
      } as RequestInit),
    ).catch(() => undefined);
    if (reply === undefined) return void response.destroy();
    response.writeHead(reply.status, [...reply.headers].flat());
    if (reply.body === null) return void response.end();
    await pipeline(reply.body, response).catch(() => undefined);
  };
}
