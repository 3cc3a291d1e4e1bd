import type { WebSocket } from 'ws';

/**
 * The send queue of a socket, with backpressure: to a client that does not read, nothing more is sent until its buffer is
 * empty; then a resync tells it to fetch everything.
 */
export class SendQueue {
  readonly #socket: Pick<WebSocket, 'send' | 'bufferedAmount'>;
  readonly #maxBytes: number;
  readonly #resync: () => string;
  #isBlocked = false;

  /** @param resync the message for a client that was blocked. */
  constructor(
    socket: Pick<WebSocket, 'send' | 'bufferedAmount'>,
    { maxBytes, resync }: { readonly maxBytes: number; readonly resync: () => string },
  ) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    this.#resync = resync;
  }

  send(text: string): void {
    if (this.#isBlocked) return;
    if (this.#socket.bufferedAmount > this.#maxBytes) this.#isBlocked = true;
    else this.#socket.send(text, this.#onSent);
  }

  readonly #onSent = (): void => {
    if (!this.#isBlocked || this.#socket.bufferedAmount > 0) return;
    this.#isBlocked = false;
    this.send(this.#resync());
  };
}
