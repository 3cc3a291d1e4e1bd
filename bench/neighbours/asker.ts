import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

type Headers = Readonly<Record<string, string>>;

/** As `Retry-After` says at least. A flood of requests that are all refused is for a proxy (SECURITY.md). */
const PAUSE_AFTER_REFUSAL_MS = 1_000;

/** One user who asks a server, whatever it answers, until a time is over. */
export class Asker {
  readonly signal: AbortSignal;
  /** How often each status was answered; 0 for a connection that broke. */
  readonly statuses: Record<number, number> = {};
  readonly #url: string;
  readonly #headers: Headers;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(url: string, headers: Headers, signal: AbortSignal) {
    this.#url = url;
    this.#headers = headers;
    this.signal = signal;
  }

  /** Reads the reply to its end. @returns its status and text. */
  async ask(method: string, path: string, body?: string, headers: Headers = {}) {
    try {
      const reply = await this.#send(method, path, body, headers);
      reply.setEncoding('utf8');
      let text = '';
      for await (const part of reply) text = text.length > 10_000 ? text : text + part;
      return this.#count(reply.statusCode ?? 0, text);
    } catch {
      return this.#count(0, '');
    }
  }

  /** @returns its id. */
  async createChat(body: string): Promise<string> {
    const { status, text } = await this.ask('POST', '/chats', body);
    if (status !== 201) throw new Error(`POST /chats answered ${status}`);
    return /"chat_id":"([^"]+)"/.exec(text)?.[1] ?? '';
  }

  /** Has so many requests answered and reads none of the replies. */
  async leaveUnread(count: number, method: string, path: string, body?: string, headers?: Headers) {
    const replies = Array.from({ length: count }, async () => {
      const reply = await this.#send(method, path, body, headers).catch(() => undefined);
      reply?.on('error', () => undefined);
      await this.#count(reply?.statusCode ?? 0, '');
      return reply;
    });
    await sleep(Number.MAX_SAFE_INTEGER % 2 ** 31, undefined, { signal: this.signal }).catch(() => undefined);
    for (const reply of await Promise.all(replies)) reply?.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body: string | undefined, headers: Headers = {}) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const length =
        body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const options: RequestOptions = {
        method,
        agent: this.#agent,
        headers: { ...this.#headers, ...length, ...headers },
        signal: this.signal,
      };
      const sent = request(this.#url + path, options, resolve);
      sent.once('error', reject);
      sent.end(body);
    });
  }

  async #count(status: number, text: string) {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    if ((status === 0 || status >= 400) && !this.signal.aborted) await sleep(PAUSE_AFTER_REFUSAL_MS);
    return { status, text };
  }
}

/** Repeats `ask`, so many at once. */
export async function forAsLongAs({ signal }: Asker, atOnce: number, ask: () => Promise<unknown>) {
  const one = async () => {
    while (!signal.aborted) await ask();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
