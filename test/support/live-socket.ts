import { EventEmitter, once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../../src/wire/live.ts';
import { LIVE_PROTOCOL } from '../../src/wire/live-protocol.ts';

export interface SocketOptions {
  readonly user?: string;
  readonly since?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
}

type Fits<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** A WebSocket to `/chats/live` that keeps what it gets; closed when the test ends. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  /** How it was closed; or the status with which the upgrade was refused. */
  readonly closed: Promise<{ readonly code?: number; readonly reason?: string; readonly status?: number }>;
  readonly #changes = new EventEmitter().setMaxListeners(0);

  /** @param server its URL, `http://…`. */
  constructor(server: string, { user, since, token, headers, protocols }: SocketOptions = {}) {
    const url = new URL('/chats/live', server.replace('http', 'ws'));
    if (since !== undefined) url.searchParams.set('since', since);
    const offered = protocols ?? [LIVE_PROTOCOL, ...(token === undefined ? [] : [`token.${token}`])];
    this.socket = new WebSocket(url, [...offered], {
      headers: { ...(user === undefined ? {} : { 'x-test-user': user }), ...headers },
    });
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      this.#changes.emit('change');
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
      this.socket.on('unexpected-response', (_request, response) => {
        resolve({ status: response.statusCode ?? 0 });
        this.socket.terminate();
      });
    });
    onTestFinished(() => this.socket.terminate());
  }

  /** The first message of a type that fits, come or to come. */
  async message<Type extends ServerMessage['type']>(
    type: Type,
    fits: (message: Fits<Type>) => boolean = () => true,
  ): Promise<Fits<Type>> {
    for (;;) {
      const found = this.messages.find(
        (message): message is Fits<Type> => message.type === type && fits(message as Fits<Type>),
      );
      if (found !== undefined) return found;
      await once(this.#changes, 'change');
    }
  }

  /** Waits until it is told everything that it had missed. */
  async ready(): Promise<this> {
    await this.message('ready');
    return this;
  }

  /** The types of the messages about a chat, in their order. */
  typesOf(chatId: string): string[] {
    return this.messages.flatMap((message) =>
      'chat_id' in message && message.chat_id === chatId ? [message.type] : [],
    );
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
}
