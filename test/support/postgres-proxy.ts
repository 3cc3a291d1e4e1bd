import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { CleanUp } from './clean-up.ts';

/**
 * Where a connection breaks. `before`: the server never hears of the statement. `in`: it has executed the statement and
 * rolls it back, for its end never arrives. `after`: it has committed, and its answer is lost.
 */
export type Place = 'before' | 'in' | 'after';

/** One statement as a client sends it: the name it is prepared under, without its hash, or its text. */
export type Decide = (statement: string) => Place | undefined;

/** A way to PostgreSQL that breaks at chosen statements. */
export interface PostgresProxy {
  /** The database behind the proxy. */
  readonly url: string;
  /** Asked of every statement; undefined lets it pass. Default: all pass. */
  breakAt: Decide;
}

/**
 * Speaks the parts of the frontend/backend protocol (PostgreSQL, chapter 54) that `pg` uses.
 *
 * @param atEnd when it goes. Default: when the test ends.
 */
export async function startPostgresProxy(
  url: string,
  atEnd: CleanUp = onTestFinished,
): Promise<PostgresProxy> {
  const target = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      open.add(socket.setNoDelay());
      // A test breaks it: the other end closes.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    relay(client, upstream, (statement) => proxy.breakAt(statement));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const proxy: PostgresProxy = {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    breakAt: () => undefined,
  };
  return proxy;
}

function relay(client: Socket, upstream: Socket, decide: Decide): void {
  const texts = new Map<string, string>();
  let statement = '';
  let group: Buffer[] = [];
  let broken: Place | undefined;

  const onAsked = (type: string, message: Buffer) => {
    if (type === 'P') texts.set(textAt(message, 5), textAt(message, 5 + textAt(message, 5).length + 1));
    // Bind names its portal first, which `pg` leaves empty.
    if (type === 'B') statement = labelOf(textAt(message, 6), texts);
    if (type === 'Q') statement = textAt(message, 5);
    group.push(message);
    // Parse, Bind, Describe, Execute and Close wait for what ends the statement.
    if ('PBDEC'.includes(type)) return;
    const whole = Buffer.concat(group);
    group = [];
    broken = statement === '' ? undefined : decide(statement);
    statement = '';
    if (broken === 'before' || (broken === 'in' && type === 'Q')) return void client.destroy();
    // Flush in place of Sync: the server executes and answers, and does not commit.
    upstream.write(broken === 'in' ? Buffer.concat([whole.subarray(0, -5), FLUSH]) : whole);
  };

  const onAnswer = (type: string, message: Buffer) => {
    if (broken === undefined) return void client.write(message);
    const done = broken === 'in' ? EXECUTED : READY;
    if (done.includes(type)) client.destroy();
  };

  // The first message of a client has no type.
  client.on(
    'data',
    splitMessages(onAsked, (startup) => upstream.write(startup)),
  );
  upstream.on('data', splitMessages(onAnswer));
}

const FLUSH = Buffer.from([0x48, 0, 0, 0, 4]);
/** CommandComplete, or an error. */
const EXECUTED = 'CE';
const READY = 'Z';

function labelOf(name: string, texts: ReadonlyMap<string, string>): string {
  return name === '' ? (texts.get('') ?? '') : name.replace(/_[0-9a-f]{12}$/, '');
}

function textAt(message: Buffer, start: number): string {
  return message.toString('utf8', start, message.indexOf(0, start));
}

/** Calls `onMessage` with each whole message of a stream; with `onStartup`, of a client's stream. */
export function splitMessages(
  onMessage: (type: string, message: Buffer) => void,
  onStartup?: (message: Buffer) => void,
): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let started = onStartup === undefined;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (started) onMessage(String.fromCharCode(Number(message[0])), message);
      else onStartup?.(message);
      started = true;
    }
  };
}
