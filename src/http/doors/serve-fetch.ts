import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as sendRequest } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { QuestlogError } from '../../errors.ts';
import { bodyIsGone } from '../body/unread-body.ts';
import { toProblemResponse } from '../problem.ts';
import { toWebStream } from '../replies/web-stream.ts';
import { connectTo } from './in-memory.ts';
import type { GetApp } from './load-app.ts';

export interface ServeFetchOptions {
  /** The address of the client, such as what your proxy puts into a header: `request.ip`. Default: unknown. */
  readonly clientAddress?: ((request: Request) => string | undefined) | undefined;
}

/** Answers a request of the web's own types. Rejects only when the request is aborted before there is a reply. */
export type FetchHandler = (request: Request) => Promise<Response>;

/** What is about one connection (RFC 9110, 7.6.1): neither the host's is ours, nor ours the host's. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** A `Response` with one of these must not have a body, not even an empty one. */
const WITHOUT_BODY = [204, 205, 304];

/**
 * Serves an app to hosts that speak the web's types. Each request goes to the app's own HTTP server, over a connection
 * in memory: what holds of a socket (order, backpressure, an end in the middle) holds here, by the same code.
 */
export function serveFetch(getApp: GetApp, { clientAddress }: ServeFetchOptions = {}): FetchHandler {
  return async (request) => {
    if (request.bodyUsed || request.body?.locked) return toProblemResponse(bodyIsGone());
    request.signal.throwIfAborted();
    try {
      const app = await getApp();
      await app.ready();
      const reply = await send(request, connectTo(app.server, clientAddress?.(request)));
      return toResponse(reply, request.method);
    } catch (error) {
      if (error instanceof QuestlogError) return toProblemResponse(error);
      throw error;
    }
  };
}

async function send(request: Request, connection: Duplex): Promise<IncomingMessage> {
  const { host, pathname, search } = new URL(request.url);
  const sent = sendRequest({
    createConnection: () => connection,
    method: request.method,
    path: pathname + search,
    headers: { host, ...Object.fromEntries(headersOf(request)) },
    signal: request.signal,
  });
  // Whoever waits for the reply, or reads it, hears of it.
  sent.on('error', () => undefined);
  if (request.body === null) sent.end();
  else
    sendBody(
      Readable.fromWeb(request.body),
      Number(request.headers.get('content-length') ?? Number.NaN),
      sent,
    );
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  // What of the body was not needed for the reply is not read.
  reply.once('close', () => sent.destroy());
  return reply;
}

/** Not by `pipeline`, which aborts a request without an error: who waits for its reply would wait for ever. */
function sendBody(body: Readable, length: number, sent: ClientRequest): void {
  const checked = Readable.from(ofLength(body, length));
  checked.once('error', (cause) => {
    sent.destroy(
      new QuestlogError('invalid_request', 'the body is not as long as it says, or broke off', { cause }),
    );
  });
  sent.once('close', () => body.destroy());
  checked.pipe(sent);
}

/**
 * A body, if it is as long as the host says, who may have changed it. Its last chunk comes when that is known: a request
 * is carried out as a whole or refused.
 *
 * @param length in bytes; NaN: the host does not say.
 */
async function* ofLength(body: Readable, length: number): AsyncGenerator<Buffer> {
  let left = length;
  let last: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    left -= chunk.length;
    if (left < 0) throw new Error('longer than its Content-Length');
    yield last;
    last = chunk;
  }
  if (left > 0) throw new Error('shorter than its Content-Length');
  yield last;
}

/** Says how long the body is, or that it comes in chunks: Node would not, for a `DELETE`. */
function headersOf({ headers, body }: Request): [name: string, value: string][] {
  const endToEnd = [...headers].filter(([name]) => !OF_CONNECTION.has(name));
  if (body === null) return endToEnd.filter(([name]) => name !== 'content-length');
  return headers.has('content-length') ? endToEnd : [...endToEnd, ['transfer-encoding', 'chunked']];
}

function toResponse(reply: IncomingMessage, method: string): Response {
  const { statusCode: status = 500, rawHeaders } = reply;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!OF_CONNECTION.has(name.toLowerCase())) headers.append(name, value);
  }
  const isEmpty = method === 'HEAD' || WITHOUT_BODY.includes(status);
  if (isEmpty) reply.resume();
  return new Response(isEmpty ? null : toWebStream(reply), { status, headers });
}
