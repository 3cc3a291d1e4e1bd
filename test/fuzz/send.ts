import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request as it goes out. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
  /** The whole request in bytes, where it is not HTTP as Node would write it. */
  readonly raw?: Buffer | undefined;
  /** Leaves so many milliseconds after sending. */
  readonly leavesAfter?: number | undefined;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Nothing may take longer: what does, hangs. */
const PATIENCE_MS = 60_000;
/** Who gets nothing for so long gets no reply before the end of the request. */
const QUIET_MS = 250;
/** A server may answer and close before it has read so much. */
const UNREAD_BYTES = 50_000;

/** Sends requests to a server on this machine, on connections that are kept. */
export class Sender {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /**
   * @returns undefined when the client left, or when the server closed instead of reading a large body or bytes that are
   * no HTTP.
   * @throws when there is no end to it, or the connection breaks.
   */
  async send(outgoing: Outgoing): Promise<Reply | undefined> {
    const { raw } = outgoing;
    const reply = await (raw === undefined ? this.#request(outgoing, true) : this.#sendRaw(raw));
    return reply && decode(reply);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #request(outgoing: Outgoing, mayRepeat: boolean): Promise<Reply | undefined> {
    const { method, target, headers, body, leavesAfter } = outgoing;
    const length =
      body === undefined && method === 'GET' ? [] : ['content-length', String(body?.length ?? 0)];
    const sent = request({
      port: this.#port,
      host: '127.0.0.1',
      agent: this.#agent,
      method,
      path: target,
      // As a list, so that a header can come twice.
      headers: ['host', `127.0.0.1:${this.#port}`, ...length, ...headers.flat()],
    });
    let isOver = false;
    let patience: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Reply | undefined>((resolve, reject) => {
        const leave = () => {
          isOver = true;
          resolve(undefined);
        };
        if (leavesAfter !== undefined) setTimeout(leave, leavesAfter);
        patience = setTimeout(() => reject(new Error('the request has no end')), PATIENCE_MS);
        sent.on('error', reject);
        sent.on('upgrade', (reply, socket) => {
          socket.destroy();
          resolve({ status: reply.statusCode ?? 0, headers: {}, body: Buffer.alloc(0) });
        });
        sent.on('response', (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('error', reject);
          reply.on('end', () =>
            resolve({
              status: reply.statusCode ?? 0,
              headers: reply.headers as Record<string, string>,
              body: Buffer.concat(chunks),
            }),
          );
        });
        sent.end(body);
      });
    } catch (error) {
      // The server may close an idle connection at the moment at which it is used again.
      if (sent.reusedSocket && mayRepeat && isReset(error)) return this.#request(outgoing, false);
      if (isReset(error) && (body?.length ?? 0) > UNREAD_BYTES) return undefined;
      throw error;
    } finally {
      clearTimeout(patience);
      if (isOver) sent.destroy();
    }
  }

  /** Half-closes once nothing more comes, so that what is cut off in the middle has an end, too. */
  async #sendRaw(bytes: Buffer): Promise<Reply | undefined> {
    const socket = connect({ port: this.#port, host: '127.0.0.1' });
    try {
      const answer = await new Promise<Buffer>((resolve, reject) => {
        const chunks: Buffer[] = [];
        socket.setTimeout(QUIET_MS, () => {
          socket.end();
          socket.setTimeout(PATIENCE_MS, () => reject(new Error('the connection has no end')));
        });
        socket.on('data', (chunk) => {
          chunks.push(chunk);
        });
        socket.on('error', (error) => (isReset(error) ? resolve(Buffer.concat(chunks)) : reject(error)));
        socket.on('close', () => resolve(Buffer.concat(chunks)));
        socket.write(bytes);
      });
      return readReply(answer);
    } finally {
      socket.destroy();
    }
  }
}

/** As what it was before the server compressed it. */
function decode(reply: Reply): Reply {
  const { headers, body } = reply;
  const isCompressed = headers['content-encoding'] === 'gzip' && body.length > 0;
  return isCompressed ? { ...reply, body: gunzipSync(body) } : reply;
}

function isReset(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(String(Reflect.get(Object(error), 'code')));
}

/** The last reply of a connection that is closed. */
function readReply(bytes: Buffer): Reply | undefined {
  const text = bytes.toString('latin1');
  const start = text.lastIndexOf('HTTP/1.1 ');
  if (start < 0) return undefined;
  const [head = '', ...rest] = text.slice(start).split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((header) => [
      header.slice(0, header.indexOf(':')).toLowerCase(),
      header.replace(/^[^:]*: */, ''),
    ]),
  );
  const body = rest.join('\r\n\r\n');
  const isChunked = headers['transfer-encoding'] === 'chunked';
  return {
    status: Number(line.split(' ')[1]),
    headers,
    body: Buffer.from(isChunked ? unchunk(body) : body, 'latin1'),
  };
}

function unchunk(text: string): string {
  const length = Number.parseInt(text, 16);
  if (!(length > 0)) return '';
  const start = text.indexOf('\r\n') + 2;
  return text.slice(start, start + length) + unchunk(text.slice(start + length + 2));
}
