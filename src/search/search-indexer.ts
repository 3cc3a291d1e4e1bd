import { setTimeout as sleep } from 'node:timers/promises';
import { doTask } from '../channels.ts';
import { type Database, mustBeDatabase } from '../database/database.ts';
import { checkOptions } from '../options.ts';
import { type BehindUsers, findBehindUsers, type SweepPlace } from '../store/search/indexed-chats.ts';
import { catchUp } from './catch-up.ts';

/** How long what was written waits, so that the pieces of one answer are indexed together. */
const GATHER_MS = 1_000;
/** While nobody has written for so long, half of the time is used; otherwise a part of it. */
const IDLE_MS = 2_000;
const IDLE_PAUSES = 1;
const BUSY_PAUSES = 60;
const MAX_PAUSE_MS = 5_000;
/** How often all chats are looked through for what no process has noticed. */
const SWEEP_INTERVAL_MS = 60 * 60_000;
const SWEEP_CHATS = 1_000;
const NOTHING: BehindUsers = { users: [], next: undefined };
/** Of one user, before the next one has a turn. */
const TURN_MS = 1_000;

/**
 * Indexes what is said for searches, in the background: what this process writes soon after, what others have left
 * behind by and by. It works a little at a time while the process is busy with writes. Without it searches find as much,
 * and take longer where much is not indexed. Make one of these for a process.
 */
export class SearchIndexer {
  readonly #db: Database;
  readonly #users = new Set<string>();
  readonly #closing = new AbortController();
  #stopListening: () => void = () => undefined;
  #working: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  /** @param options the database whose chats are indexed. */
  constructor(options: { readonly db: Database }) {
    checkOptions(options, { db: mustBeDatabase });
    this.#db = options.db;
  }

  /** Begins to index, now and until `close`. */
  start(): void {
    this.#stopListening = this.#db.changes.subscribe(({ userId, run }) => {
      if (run !== undefined) return;
      this.#writtenAt = performance.now();
      this.#add(userId);
    });
    const sweep = () => {
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = undefined;
      });
    };
    sweep();
    this.#sweepTimer = setInterval(sweep, SWEEP_INTERVAL_MS).unref();
  }

  /** Ends what is under way; nothing is indexed afterwards. */
  async close(): Promise<void> {
    clearInterval(this.#sweepTimer);
    this.#stopListening();
    this.#closing.abort();
    await Promise.all([this.#working, this.#sweeping]);
  }

  #add(userId: string): void {
    this.#users.add(userId);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#users.size > 0 && !this.#closing.signal.aborted) {
      await this.#wait(GATHER_MS);
      const users = [...this.#users];
      this.#users.clear();
      for (const userId of users) {
        if (!(await this.#catchUp(userId))) this.#users.add(userId);
      }
    }
  }

  /** A database that is away now has as much to index when it is back: the next change or sweep finds it. */
  async #catchUp(userId: string): Promise<boolean> {
    const { signal } = this.#closing;
    const pause = async (tookMs: number) => {
      await this.#rest(tookMs);
      signal.throwIfAborted();
    };
    return (
      signal.aborted || doTask('index', () => catchUp(this.#db, userId, TURN_MS, pause)).catch(() => true)
    );
  }

  async #sweep(): Promise<void> {
    let place: SweepPlace | undefined = { userId: '', chatId: '' };
    while (place !== undefined && !this.#closing.signal.aborted) {
      const began = performance.now();
      const from = place;
      const found: BehindUsers = await doTask('index', () =>
        findBehindUsers(this.#db, from, SWEEP_CHATS),
      ).catch(() => NOTHING);
      place = found.next;
      for (const userId of found.users) this.#add(userId);
      await this.#rest(performance.now() - began);
      // The next thousand when these are done: what waits is bounded.
      await this.#working;
    }
  }

  #rest(tookMs: number): Promise<void> {
    const isIdle = performance.now() - this.#writtenAt > IDLE_MS;
    return this.#wait(Math.min(tookMs * (isIdle ? IDLE_PAUSES : BUSY_PAUSES), MAX_PAUSE_MS));
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
  }
}
