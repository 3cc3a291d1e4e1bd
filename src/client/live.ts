import type { ServerMessage, Signal } from '../wire/live.ts';
import { CLOSE } from '../wire/live-protocol.ts';
import { Backoff, LiveConnection, type LiveWebSocket } from './live-connection.ts';

/** What is listened to, and who hears of it. */
export interface LiveOptions {
  /** The server, such as `https://example.com`; a function is asked anew for each connection. */
  readonly url: string | (() => string);
  /** A fresh access token, or null for a server without sign-in. Asked for each connection and before one expires. */
  readonly getToken?: () => Promise<string | null> | string | null;
  /** Default: the global one, which Node has from version 22 on. */
  readonly WebSocket?: LiveWebSocket;
  /** What an earlier subscription's `cursor` was: signals go on from there. */
  readonly since?: string | undefined;
  /** Gets each signal, as the subscription does. */
  readonly onSignal?: (signal: Signal) => void;
  /** Hears whether the connection is there. */
  readonly onState?: (state: LiveState) => void;
  /** The first wait before it connects again, and the longest, in milliseconds. Default: 500 and 15,000. */
  readonly retryMs?: { readonly least: number; readonly most: number };
  /** A connection that says nothing for so long is given up, in milliseconds. Default: 60,000. */
  readonly silenceMs?: number;
}

/**
 * `connecting`: what is on the screen may be old. `live`: every change is signalled within a moment. `signed_out`: the
 * token is not accepted, call `reconnect` when there is another. `closed`: by `close`.
 */
export type LiveState = 'connecting' | 'live' | 'signed_out' | 'closed';

const DEFAULT_RETRY_DELAY_MS = { least: 500, most: 15_000 };
const DEFAULT_SILENCE_TIMEOUT_MS = 60_000;

/**
 * Watches the user's chats, for as long as it is not closed: it connects again by itself and learns what changed
 * meanwhile. A signal may come twice. Those of a `resync` were left out: fetch everything that is shown.
 *
 * @example
 * const live = subscribe({ url: location.origin, getToken });
 * for await (const signal of live) if (signal.type === 'chat_changed') …
 */
export function subscribe(options: LiveOptions): LiveSubscription {
  return new LiveSubscription(options);
}

/** The signals about a user's chats, over connections that are made again when they break. */
export class LiveSubscription implements AsyncIterable<Signal> {
  readonly #options: LiveOptions;
  readonly #backoff: Backoff;
  readonly #readers = new Set<SignalQueue>();
  #connection: LiveConnection | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cursor: string | undefined;
  #state: LiveState = 'connecting';

  constructor(options: LiveOptions) {
    const WebSocket = options.WebSocket ?? globalThis.WebSocket;
    if (WebSocket === undefined)
      throw new TypeError('this runtime has no WebSocket: pass one, such as that of ws');
    this.#options = { ...options, WebSocket };
    this.#cursor = options.since;
    this.#backoff = new Backoff(options.retryMs ?? DEFAULT_RETRY_DELAY_MS);
    this.#connect();
  }

  /** Whether the connection is there. */
  get state(): LiveState {
    return this.#state;
  }

  /** For the `since` of another subscription, such as after a reload. Undefined until it was connected once. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Connects again now: the network is back, or the user signed in. */
  reconnect(): void {
    if (this.#state === 'closed' || this.#state === 'live') return;
    this.#backoff.reset();
    this.#connect();
  }

  /** Ends it, and every loop over it. */
  close(): void {
    this.#enter('closed');
    clearTimeout(this.#timer);
    this.#connection?.close();
    for (const reader of this.#readers) reader.end();
  }

  /** The signals from now on, until the subscription is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Signal> {
    const reader = new SignalQueue(() => this.#readers.delete(reader), this.#cursor);
    if (this.#state === 'closed') reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  #connect(): void {
    clearTimeout(this.#timer);
    this.#connection?.close();
    this.#enter('connecting');
    const {
      url,
      getToken,
      WebSocket = globalThis.WebSocket,
      silenceMs = DEFAULT_SILENCE_TIMEOUT_MS,
    } = this.#options;
    const connection: LiveConnection = new LiveConnection({
      url: typeof url === 'string' ? url : url(),
      getToken: async () => (await getToken?.()) ?? null,
      WebSocket,
      since: this.#cursor,
      silenceMs,
      onMessage: (message) => {
        if (this.#connection === connection) this.#onMessage(message);
      },
      onClose: (code) => {
        if (this.#connection === connection) this.#onClose(code);
      },
    });
    this.#connection = connection;
    connection.open();
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'ready':
        this.#cursor = message.cursor;
        this.#backoff.reset();
        this.#enter('live');
        return;
      case 'cursor':
        this.#cursor = message.cursor;
        return;
      case 'resync':
        this.#cursor = message.cursor;
        this.#tell(message);
        return;
      case 'token_accepted':
      case 'token_unchecked':
        return;
      default:
        this.#tell(message);
    }
  }

  #tell(signal: Signal): void {
    for (const reader of this.#readers) reader.push(signal);
    this.#options.onSignal?.(signal);
  }

  #onClose(code: number): void {
    this.#connection = undefined;
    this.#enter(code === CLOSE.signIn ? 'signed_out' : 'connecting');
    if (code === CLOSE.signIn) return;
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #enter(state: LiveState): void {
    if (this.#state === 'closed' || this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

/** A reader that lags so far behind gets a resync. */
const MAX_QUEUED_SIGNALS = 1_000;

class SignalQueue implements AsyncIterator<Signal> {
  readonly #onReturn: () => void;
  #waiting: Signal[] = [];
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #cursor: string;

  constructor(onReturn: () => void, cursor: string | undefined) {
    this.#onReturn = onReturn;
    this.#cursor = cursor ?? '0';
  }

  push(signal: Signal): void {
    if (this.#waiting.length >= MAX_QUEUED_SIGNALS)
      this.#waiting = [{ type: 'resync', cursor: this.#cursor }];
    this.#waiting.push(signal);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async next(): Promise<IteratorResult<Signal>> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        const wake = this.#wake;
        this.#wake = () => {
          wake();
          resolve();
        };
      });
    }
    const value = this.#waiting.shift();
    if (this.#waiting.length === 0 && !this.#ended) this.#wake = () => undefined;
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  async return(): Promise<IteratorResult<Signal>> {
    this.#onReturn();
    this.end();
    return { done: true, value: undefined };
  }
}
