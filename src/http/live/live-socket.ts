import { Check } from 'typebox/value';
import type { RawData, WebSocket } from 'ws';
import type { Live, Watch } from '../../live/live.ts';
import * as wire from '../../wire/live.ts';
import { CLOSE } from '../../wire/live-protocol.ts';
import { isUnauthenticated, type User } from '../auth/authenticate.ts';
import type { Clock } from '../clock.ts';
import { SendQueue } from './send-queue.ts';

export interface LiveSocketOptions {
  readonly live: Live;
  readonly user: User;
  /** Who a fresh token stands for. */
  readonly authenticate: (token: string) => Promise<User>;
  readonly clock: Clock;
  /** How often the client is asked whether it is still there. */
  readonly heartbeatMs: number;
  /** What a client may leave unread. */
  readonly maxQueuedBytes: number;
}

/** A token lives for minutes; a client in need sends a few. */
const MAX_TOKENS_A_MINUTE = 10;

/** One client that listens: its watch, its token's time, its heartbeat. */
export class LiveSocket {
  readonly #socket: WebSocket;
  readonly #options: LiveSocketOptions;
  readonly #queue: SendQueue;
  #watch: Watch | undefined;
  #isAlive = true;
  #isChecking = false;
  #tokens = { minute: 0, count: 0 };
  #cancelExpiry: () => void = () => undefined;
  #cancelHeartbeat: () => void = () => undefined;

  constructor(socket: WebSocket, options: LiveSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#queue = new SendQueue(socket, {
      maxBytes: options.maxQueuedBytes,
      resync: () => JSON.stringify({ type: 'resync', cursor: this.#watch?.cursor() ?? '0' }),
    });
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('message', (data, isBinary) => void this.#onMessage(data, isBinary));
    socket.once('close', () => this.#end());
  }

  /** Sends what changed since a cursor, and goes on. Rejects when the database does not answer. */
  async start(since: string | undefined): Promise<void> {
    const { live, user } = this.#options;
    this.#expireAt(user);
    this.#scheduleHeartbeat();
    const send = (texts: readonly string[]) => {
      for (const text of texts) this.#queue.send(text);
    };
    const ready = (cursor: string) => this.#send({ type: 'ready', cursor, expires_at: expiryOf(user) });
    this.#watch = await live.watch(user.userId, since, send, ready);
    if (this.#socket.readyState !== this.#socket.OPEN) this.#end();
  }

  #send(message: wire.ServerMessage): void {
    this.#queue.send(JSON.stringify(message));
  }

  #end(): void {
    this.#cancelExpiry();
    this.#cancelHeartbeat();
    this.#watch?.end();
  }

  /** Browsers answer a ping by themselves but show none to the page: the cursor is its sign of life. */
  #scheduleHeartbeat(): void {
    const { clock, heartbeatMs } = this.#options;
    this.#cancelHeartbeat = clock.after(heartbeatMs, () => {
      if (!this.#isAlive) return this.#socket.terminate();
      this.#isAlive = false;
      this.#socket.ping();
      if (this.#watch !== undefined) this.#send({ type: 'cursor', cursor: this.#watch.cursor() });
      this.#scheduleHeartbeat();
    });
  }

  #expireAt(user: User): void {
    const { clock } = this.#options;
    this.#cancelExpiry();
    if (user.expiresAt === undefined) return;
    const left = user.expiresAt * 1_000 - clock.now();
    this.#cancelExpiry = clock.after(left, () => {
      if (clock.now() < (user.expiresAt ?? 0) * 1_000) this.#expireAt(user);
      else this.#socket.close(CLOSE.signIn, 'the token has expired');
    });
  }

  /** Whether the client may send one more token in this minute. */
  #countToken(): boolean {
    const minute = Math.floor(this.#options.clock.now() / 60_000);
    this.#tokens = { minute, count: this.#tokens.minute === minute ? this.#tokens.count + 1 : 1 };
    return this.#tokens.count <= MAX_TOKENS_A_MINUTE;
  }

  async #onMessage(data: RawData, isBinary: boolean): Promise<void> {
    const message = isBinary ? undefined : parse(String(data));
    // One at a time, and few: each token costs a signature.
    if (message === undefined || this.#isChecking || !this.#countToken()) {
      return this.#socket.close(CLOSE.badMessage, 'not a message of questlog.v1, or too many');
    }
    this.#isChecking = true;
    try {
      const user = await this.#options.authenticate(message.token);
      if (user.userId !== this.#options.user.userId) {
        return this.#socket.close(CLOSE.signIn, "another user's token");
      }
      this.#expireAt(user);
      this.#send({ type: 'token_accepted', expires_at: expiryOf(user) });
    } catch (error) {
      if (isUnauthenticated(error)) this.#socket.close(CLOSE.signIn, 'the token is not valid');
      else this.#send({ type: 'token_unchecked' });
    } finally {
      this.#isChecking = false;
    }
  }
}

function parse(text: string): wire.ClientMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return Check(wire.ClientMessage, message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function expiryOf({ expiresAt }: User): number | null {
  return expiresAt === undefined ? null : Math.floor(expiresAt);
}
