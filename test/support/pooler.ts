import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { splitMessages } from './postgres-proxy.ts';

export interface PoolerOptions {
  /** What it does to start-up options, which it cannot keep: PgBouncer refuses them, or drops them when told to. */
  readonly startupOptions: 'refuses' | 'drops';
  /** After what it takes the server's connection back. Default: a transaction. */
  readonly mode?: 'transaction' | 'statement';
  /** Connections to the server. Default: 2. */
  readonly size?: number;
}

/**
 * A transaction pooler before `url`, as PgBouncer is one: any number of clients share a few connections, each has one for
 * a transaction at a time. Gone when the test ends.
 *
 * @returns its URL.
 */
export async function startPooler(url: string, options: PoolerOptions): Promise<string> {
  const upstreams = new Upstreams(url, options.size ?? 2);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client.setNoDelay());
    client.on('error', () => undefined);
    serve(client, upstreams, options);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const client of clients) client.destroy();
    upstreams.close();
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href;
}

function serve(client: Socket, upstreams: Upstreams, { startupOptions, mode }: PoolerOptions): void {
  let upstream: Promise<Socket> | undefined;

  const onAsked = (type: string, message: Buffer) => {
    if (type === 'X') return void client.end();
    upstream ??= upstreams.take().then((socket) => {
      socket.on('data', splitMessages(onAnswer));
      return socket;
    });
    void upstream.then((socket) => socket.write(message));
  };

  const onAnswer = (type: string, message: Buffer) => {
    const isOpen = type === 'Z' && message.at(-1) !== IDLE;
    if (isOpen && mode === 'statement')
      return refuse('transaction blocks not allowed in statement pooling mode');
    client.write(message);
    if (type === 'Z' && !isOpen) void giveBack();
  };

  const giveBack = async () => {
    const socket = await upstream;
    upstream = undefined;
    if (socket !== undefined) upstreams.give(socket);
  };

  const refuse = (text: string) => {
    client.end(message('E', `SFATAL\0C08P01\0M${text}\0\0`));
  };

  // Whoever leaves in a transaction takes the server's connection along, which rolls back.
  client.on('close', () => void upstream?.then((socket) => socket.destroy()));
  client.on(
    'data',
    splitMessages(onAsked, (startup) => {
      const hasOptions = startup.includes('\0options\0');
      if (hasOptions && startupOptions === 'refuses') return refuse('unsupported startup parameter: options');
      client.write(Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]));
    }),
  );
}

/** Connections to the server, authenticated by `pg` and used without it. */
class Upstreams {
  readonly #url: string;
  readonly #free: Promise<Socket>[];
  readonly #waiting: ((socket: Promise<Socket>) => void)[] = [];
  readonly #all = new Set<Socket>();

  constructor(url: string, size: number) {
    this.#url = url;
    this.#free = Array.from({ length: size }, () => this.#connect());
  }

  take(): Promise<Socket> {
    return this.#free.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(socket: Socket): void {
    socket.removeAllListeners('data');
    this.#put(Promise.resolve(socket));
  }

  close(): void {
    for (const socket of this.#all) socket.removeAllListeners('close').destroy();
  }

  #put(socket: Promise<Socket>): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(socket);
    else next(socket);
  }

  async #connect(): Promise<Socket> {
    const client = new pg.Client({ connectionString: this.#url });
    client.on('error', () => undefined);
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
    stream
      .removeAllListeners('data')
      .removeAllListeners('close')
      .on('close', () => this.#replace(stream));
    this.#all.add(stream);
    return stream;
  }

  #replace(socket: Socket): void {
    this.#all.delete(socket);
    this.#put(this.#connect());
  }
}

const IDLE = 'I'.charCodeAt(0);

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + Buffer.byteLength(body));
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)]);
}
