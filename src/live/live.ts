import { setTimeout as sleep } from 'node:timers/promises';
import { doTask } from '../channels.ts';
import { type Database, mustBeDatabase } from '../database/database.ts';
import { singleFlight } from '../database/single-flight.ts';
import { newId } from '../ids.ts';
import { type Checks, checkOptions, isAmount, isFunction, optional } from '../options.ts';
import {
  deleteOldRemovals,
  getChangedChats,
  getChangedChatsOfMany,
  getWatermark,
  type Moment,
} from '../store/chats/changed-chats.ts';
import type { Bus, OpenBus } from './bus.ts';
import type { ChangeMessage } from './change-message.ts';
import { Publisher } from './publisher.ts';
import { toSignals } from './signals.ts';
import { type Send, Watchers } from './watchers.ts';

/** Where changes are seen, and how other processes hear of them. */
export interface LiveOptions {
  /** The one that its chats are in. */
  readonly db: Database;
  /** Carries changes between processes: `busAt(url)`. Without it another process's changes are seen at the next poll. */
  readonly bus?: OpenBus | undefined;
  /** How often to poll for changes that no message announced, in milliseconds. Default: 2,000. */
  readonly pollMs?: number | undefined;
  /** How long a removed chat is remembered, for clients that reconnect. Default: 7 days. */
  readonly removalsMs?: number | undefined;
  /** Called when a bus or a database does not answer. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const OPTIONS: Checks<LiveOptions> = {
  db: mustBeDatabase,
  bus: optional(isFunction),
  pollMs: optional(isAmount),
  removalsMs: optional(isAmount),
  onError: optional(isFunction),
};

/** A watch on a user's chats. */
export interface Watch {
  /** Where to resume: nothing before it is missing. */
  cursor(): string;
  end(): void;
}

const DEFAULT_POLL_MS = 2_000;
const DEFAULT_REMOVALS_MS = 7 * 24 * 60 * 60_000;
const PURGE_INTERVAL_MS = 60 * 60_000;
/** How far a poll goes back behind its watermark, for the clock of a standby that took over. In microseconds. */
const WATERMARK_OVERLAP = 2_000_000;
/** A client that missed more chats than this fetches everything instead. */
const MAX_CHANGED_CHATS = 500;
const MAX_USERS_PER_QUERY = 1_000;
/** Between two polls after messages: bounds what a busy user costs. */
const POLL_PAUSE_MS = 10;
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * Signals what changes in a user's chats, in this process and others. Messages between processes only say whose chats
 * to poll; what changed is read from the tables, from a watermark on. So a lost message costs time until the next poll,
 * and a writer that knows nothing of all this, SQL by hand included, is seen too. Make one of these for a process.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #id = newId();
  readonly #users = new Map<string, Watchers>();
  /** One at a time, however many begin to watch: an earlier one is only further back. */
  readonly #getWatermark = singleFlight(() => getWatermark(this.#options.db));
  readonly #publisher = new Publisher((message) => this.#publish(message));
  readonly #closing = new AbortController();
  readonly #pending = new Set<string>();
  #bus: Bus | undefined;
  #stopListening: () => void = () => undefined;
  #purger: NodeJS.Timeout | undefined;
  /** The watermark: everything before it has been sent to all watchers. */
  #watermark: Moment = 0;
  #polling: Promise<void> | undefined;
  #pollLoop: Promise<void> | undefined;
  #wake = new AbortController();

  constructor(options: LiveOptions) {
    checkOptions(options, OPTIONS);
    this.#options = options;
  }

  /** Begins to listen and to signal. */
  async start(): Promise<void> {
    const { db, bus, removalsMs = DEFAULT_REMOVALS_MS } = this.#options;
    this.#stopListening = db.changes.subscribe((change) => {
      // Here at once, whatever the bus does.
      if (change.run === undefined) this.#receive({ from: '', users: [change.userId], runs: [] });
      this.#publisher.add(change);
    });
    this.#bus = await bus?.({
      message: (message) => this.#receive(message),
      connected: () => this.#wake.abort(),
      lost: (error) => this.#reportError(error),
    });
    const purge = () => deleteOldRemovals(db, removalsMs).catch((error: unknown) => this.#reportError(error));
    this.#purger = setInterval(() => void purge(), PURGE_INTERVAL_MS).unref();
  }

  /**
   * Tells `send` what changed since a cursor, then `ready` (with the new cursor), then what changes from now on.
   *
   * @param since the newest cursor that the watcher was given; undefined: it knows nothing and will fetch everything.
   * @throws QuestlogError `database_unavailable` …
   */
  async watch(
    userId: string,
    since: string | undefined,
    send: Send,
    ready: (cursor: string) => void,
  ): Promise<Watch> {
    const watermark = await this.#getWatermark();
    if (this.#users.size === 0) this.#watermark = watermark;
    const watchers = this.#users.get(userId) ?? new Watchers(watermark);
    this.#users.set(userId, watchers);
    let queued: string[] | undefined = [];
    const sendInOrder: Send = (texts) => (queued === undefined ? send(texts) : queued.push(...texts));
    watchers.add(sendInOrder);
    this.#pollLoop ??= this.#pollAll();
    try {
      const missed = await this.#missedSince(userId, since, watermark);
      if (missed.length > 0) send(missed);
      ready(String(watermark));
      if (queued.length > 0) send(queued);
      queued = undefined;
    } catch (error) {
      this.#leave(userId, sendInOrder);
      throw error;
    }
    return {
      cursor: () => String(Math.max(watermark, this.#watermark)),
      end: () => this.#leave(userId, sendInOrder),
    };
  }

  /** Publishes what is left. No signal is sent afterwards. */
  async close(): Promise<void> {
    clearInterval(this.#purger);
    this.#stopListening();
    await this.#publisher.close(CLOSE_TIMEOUT_MS);
    this.#closing.abort();
    this.#wake.abort();
    await Promise.allSettled([this.#pollLoop, this.#polling, this.#bus?.close()]);
  }

  #leave(userId: string, send: Send): void {
    const watchers = this.#users.get(userId);
    watchers?.remove(send);
    if (watchers?.count === 0) this.#users.delete(userId);
  }

  async #missedSince(userId: string, since: string | undefined, watermark: Moment): Promise<string[]> {
    const from = since === undefined ? watermark : this.#readCursor(since, watermark);
    const { db } = this.#options;
    const changed = from && (await getChangedChats(db, userId, from, MAX_CHANGED_CHATS));
    if (!changed || changed.length >= MAX_CHANGED_CHATS) return [resync(watermark)];
    return changed.flatMap((chat) => toSignals(chat, from)).map((signal) => JSON.stringify(signal));
  }

  /** Undefined: not one of ours, or so old that removed chats since then are forgotten. */
  #readCursor(since: string, watermark: Moment): Moment | undefined {
    const { removalsMs = DEFAULT_REMOVALS_MS } = this.#options;
    const moment = /^\d{1,16}$/.test(since) ? Number(since) : 0;
    // One that is ahead is of another database, or of one whose clock was.
    const known = moment > watermark - removalsMs * 1_000 && moment < watermark + WATERMARK_OVERLAP;
    return known ? moment - WATERMARK_OVERLAP : undefined;
  }

  async #publish(message: Omit<ChangeMessage, 'from'>): Promise<void> {
    this.#receive({ from: '', users: [], runs: message.runs });
    await this.#bus?.publish({ from: this.#id, ...message }).catch(() => undefined);
  }

  #receive({ from, users, runs }: ChangeMessage): void {
    if (from === this.#id) return;
    for (const [userId, run] of runs) this.#users.get(userId)?.notifyProgress(run);
    const watched = users.filter((userId) => this.#users.has(userId));
    if (watched.length === 0) return;
    for (const userId of watched) this.#pending.add(userId);
    this.#polling ??= this.#pollPending();
  }

  async #pollPending(): Promise<void> {
    while (this.#pending.size > 0 && !this.#closing.signal.aborted) {
      const users = [...this.#pending];
      this.#pending.clear();
      await doTask('poll', () => this.#pollUsers(users)).catch((error: unknown) => this.#reportError(error));
      await sleep(POLL_PAUSE_MS);
    }
    this.#polling = undefined;
  }

  async #pollUsers(users: readonly string[]): Promise<void> {
    const since = this.#watermark - WATERMARK_OVERLAP;
    for (let first = 0; first < users.length; first += MAX_USERS_PER_QUERY) {
      const some = users.slice(first, first + MAX_USERS_PER_QUERY);
      const changed = await getChangedChatsOfMany(this.#options.db, some, since, MAX_CHANGED_CHATS);
      const counts = new Map<string, number>();
      for (const chat of changed) {
        const count = (counts.get(chat.userId) ?? 0) + 1;
        counts.set(chat.userId, count);
        this.#users.get(chat.userId)?.notify(chat, since);
        // There may be more than were asked for.
        if (count === MAX_CHANGED_CHATS) this.#users.get(chat.userId)?.send([resyncSignal(this.#watermark)]);
      }
    }
  }

  /** The safety net: polls every watched user, message or none. */
  async #pollAll(): Promise<void> {
    const { pollMs = DEFAULT_POLL_MS } = this.#options;
    while (this.#users.size > 0 && !this.#closing.signal.aborted) {
      this.#wake = new AbortController();
      await sleep(pollMs, undefined, { signal: this.#wake.signal, ref: false }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      try {
        const watermark = await doTask('poll', async () => {
          const now = await this.#getWatermark();
          await this.#pollUsers([...this.#users.keys()]);
          return now;
        });
        this.#watermark = Math.max(this.#watermark, watermark);
        for (const watchers of this.#users.values()) watchers.forget(this.#watermark - WATERMARK_OVERLAP);
      } catch (error) {
        this.#reportError(error);
      }
    }
    this.#pollLoop = undefined;
  }

  #reportError(error: unknown): void {
    if (!this.#closing.signal.aborted) this.#options.onError?.(error);
  }
}

function resyncSignal(cursor: Moment) {
  return { type: 'resync', cursor: String(cursor) } as const;
}

function resync(cursor: Moment): string {
  return JSON.stringify(resyncSignal(cursor));
}
