import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { QuestlogError } from '../../errors.ts';

/** How many replies may be open. */
export interface OpenRepliesOptions {
  /** Replies and event streams that one user may have open at once. Default: 100. */
  readonly maxPerUser?: number | undefined;
  /** After so many milliseconds in which its client has taken nothing of it a reply is cut. Default: 30,000. */
  readonly stallMs?: number | undefined;
}

const DEFAULT_MAX_PER_USER = 100;
const DEFAULT_STALL_MS = 30_000;
/** Somebody closes a tab. */
const RETRY_AFTER_SECONDS = 5;

/** The replies that are open in this process: what they may hold is bounded for each user, and in time. */
export class OpenReplies {
  readonly #maxPerUser: number;
  readonly #stallMs: number;
  readonly #open = new Map<string, number>();

  constructor({ maxPerUser, stallMs }: OpenRepliesOptions = {}) {
    this.#maxPerUser = maxPerUser ?? DEFAULT_MAX_PER_USER;
    this.#stallMs = stallMs ?? DEFAULT_STALL_MS;
  }

  /**
   * Counts a reply to a user until it is over; one that is over already does not count.
   *
   * @throws QuestlogError `rate_limited` when the user has too many.
   */
  add(userId: string, reply: ServerResponse): void {
    // Its client has left before it was known: there is no other close.
    if (reply.destroyed) return;
    cutWhenStalled(reply, this.#stallMs);
    const others = this.#open.get(userId) ?? 0;
    if (others >= this.#maxPerUser) {
      throw new QuestlogError('rate_limited', 'too many replies are open: read or close some', {
        details: { retry_after: RETRY_AFTER_SECONDS },
      });
    }
    this.#open.set(userId, others + 1);
    reply.once('close', () => this.#remove(userId));
  }

  #remove(userId: string): void {
    const left = (this.#open.get(userId) ?? 1) - 1;
    if (left > 0) this.#open.set(userId, left);
    else this.#open.delete(userId);
  }
}

/** A pipelined reply gets the connection when those before it are over. */
function cutWhenStalled(reply: ServerResponse, stallMs: number): void {
  if (reply.socket === null) reply.once('socket', (socket: Socket) => watchSocket(reply, socket, stallMs));
  else watchSocket(reply, reply.socket, stallMs);
}

/**
 * Cuts the connection of a reply whose client takes nothing of what was sent; a reply that has nothing to send may wait. A
 * connection that has a timeout already keeps that one.
 */
function watchSocket(reply: ServerResponse, socket: unknown, stallMs: number): void {
  if (!(socket instanceof Socket) || socket.timeout) return;
  // The one timer that knows whether a part of a write has gone out.
  reply.setTimeout(stallMs, () => {
    if (socket.writableLength > 0) socket.destroy();
  });
  // Before Node sets the one of idle connections.
  reply.prependOnceListener('finish', () => socket.setTimeout(0));
}
