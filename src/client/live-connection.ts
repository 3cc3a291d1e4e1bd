import type { ClientMessage, ServerMessage } from '../wire/live.ts';
import { LIVE_PROTOCOL, TOKEN_PROTOCOL } from '../wire/live-protocol.ts';
import { toDelayMs } from './retry.ts';

/** The part of a WebSocket that is used: a browser's, Node's own, and the one of the package `ws` have it. */
export interface LiveWebSocketInstance {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
  addEventListener(type: 'error', listener: (event: unknown) => void): void;
}
export type LiveWebSocket = new (url: string, protocols: string[]) => LiveWebSocketInstance;

export interface ConnectionOptions {
  readonly url: string;
  readonly getToken: () => Promise<string | null>;
  readonly WebSocket: LiveWebSocket;
  readonly since: string | undefined;
  readonly silenceMs: number;
  readonly onMessage: (message: ServerMessage) => void;
  /** It is over, once. 1006: it broke, or never came about. */
  readonly onClose: (code: number) => void;
}

const ABNORMAL_CLOSURE = 1006;
const NORMAL_CLOSURE = 1000;
const READY_STATE_OPEN = 1;
/** So long before its end a token is replaced, unless it has less than twice as much left. */
const RENEW_AHEAD_MS = 30_000;
const RENEW_RETRY_MS = 5_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One WebSocket, from its token to its close; silent when the other end has vanished. */
export class LiveConnection {
  readonly #options: ConnectionOptions;
  #socket: LiveWebSocketInstance | undefined;
  #isOver = false;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  open(): void {
    this.#hear();
    this.#open().catch(() => this.#end(ABNORMAL_CLOSURE));
  }

  close(): void {
    this.#end(undefined);
  }

  async #open(): Promise<void> {
    const { url, since, getToken, WebSocket, onMessage } = this.#options;
    const token = await getToken();
    if (this.#isOver) return;
    const address = new URL(`${url.replace(/^http/, 'ws').replace(/\/$/, '')}/chats/live`);
    if (since !== undefined) address.searchParams.set('since', since);
    const socket = new WebSocket(address.href, [
      LIVE_PROTOCOL,
      ...(token === null ? [] : [`${TOKEN_PROTOCOL}${token}`]),
    ]);
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (this.#isOver) return;
      this.#hear();
      const message = JSON.parse(String(data)) as ServerMessage;
      this.#keepSignedIn(message);
      onMessage(message);
    });
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', ({ code }) => this.#end(code));
  }

  /** @param code undefined: it was closed from this side. */
  #end(code: number | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    clearTimeout(this.#renewal);
    this.#socket?.close(NORMAL_CLOSURE);
    if (code !== undefined) this.#options.onClose(code);
  }

  /** Something came: the other end is there. */
  #hear(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(ABNORMAL_CLOSURE), this.#options.silenceMs);
  }

  #keepSignedIn(message: ServerMessage): void {
    if (message.type === 'ready' || message.type === 'token_accepted') {
      if (message.expires_at === null) return;
      const left = message.expires_at * 1_000 - Date.now();
      this.#renewIn(left > 2 * RENEW_AHEAD_MS ? left - RENEW_AHEAD_MS : left / 2);
    } else if (message.type === 'token_unchecked') this.#renewIn(RENEW_RETRY_MS);
  }

  #renewIn(ms: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => void this.#renew(), Math.min(Math.max(ms, 0), MAX_TIMER_MS));
  }

  async #renew(): Promise<void> {
    const token = await this.#options.getToken().catch(() => null);
    if (token === null || this.#isOver || this.#socket?.readyState !== READY_STATE_OPEN) return;
    this.#socket.send(JSON.stringify({ type: 'token', token } satisfies ClientMessage));
  }
}

/** How long to wait before the next attempt: longer each time, and never all clients of a dead process at once. */
export class Backoff {
  readonly #bounds: { readonly least: number; readonly most: number };
  #failures = 0;

  constructor(bounds: { readonly least: number; readonly most: number }) {
    this.#bounds = bounds;
  }

  next(): number {
    return toDelayMs(this.#failures++, this.#bounds);
  }

  reset(): void {
    this.#failures = 0;
  }
}
