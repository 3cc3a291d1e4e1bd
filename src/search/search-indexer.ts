import { setTimeout as sleep } from 'node:timers/promises';
import { doTask } from '../channels.ts';
import { type Database, mustBeDatabase } from '../database/database.ts';
import { checkOptions } from '../options.ts';
import { type BehindUsers, findBehindUsers, type SweepPlace } from '../store/search/indexed-chats.ts';
import { findUnembeddedUsers } from '../store/search/meanings/meaning-chats.ts';
import { type StemLanguage, toStemmers } from '../store/search/stems.ts';
import { toWay } from '../store/search/words.ts';
import { catchUp } from './catch-up.ts';
import { embedChats } from './meanings/embed-chats.ts';
import { type Embedder, toModelFormat } from './meanings/embedder.ts';
import { SEARCH_SETTINGS, type SearchSettings } from './search-settings.ts';

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
/** How long an embedder that fails is left alone: twice as long each time. */
const MIN_RETRY_MS = 2_000;
const MAX_RETRY_MS = 10 * 60_000;
const NOTHING: BehindUsers = { users: [], next: undefined };
/** Of one user, before the next one has a turn. */
const TURN_MS = 1_000;

/** What is indexed, and how. */
export interface SearchIndexerOptions extends SearchSettings {
  /** Whose chats are indexed. */
  readonly db: Database;
}

/**
 * Indexes what is said for searches, in the background: what this process writes soon after, what others have left
 * behind by and by. It works a little at a time while the process is busy with writes. Without it searches find as much,
 * and take longer where much is not indexed. Make one of these for a process.
 */
export class SearchIndexer {
  readonly #db: Database;
  readonly #languages: readonly StemLanguage[];
  readonly #embedder: Embedder | undefined;
  /** Whose chats could not be embedded, and when that is tried again. */
  readonly #unembedded = new Set<string>();
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs = MIN_RETRY_MS;
  readonly #users = new Set<string>();
  readonly #closing = new AbortController();
  #stopListening: () => void = () => undefined;
  #working: Promise<void> | undefined;
  #sweeping: Promise<void> | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  /** @param options the database whose chats are indexed, and how. */
  constructor(options: SearchIndexerOptions) {
    checkOptions(options, { db: mustBeDatabase, ...SEARCH_SETTINGS });
    this.#db = options.db;
    this.#languages = options.stems ?? [];
    this.#embedder = options.embedder;
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
    clearTimeout(this.#retryTimer);
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
        else await this.#embed(userId);
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
    const options = { languages: this.#languages, pause };
    return (
      signal.aborted || doTask('index', () => catchUp(this.#db, userId, TURN_MS, options)).catch(() => true)
    );
  }

  async #sweep(): Promise<void> {
    let place: SweepPlace | undefined = { userId: '', chatId: '' };
    while (place !== undefined && !this.#closing.signal.aborted) {
      const began = performance.now();
      const from = place;
      const found: BehindUsers = await doTask('index', () => this.#findBehind(from)).catch(() => NOTHING);
      place = found.next;
      for (const userId of found.users) this.#add(userId);
      await this.#rest(performance.now() - began);
      // The next thousand when these are done: what waits is bounded.
      await this.#working;
    }
  }

  async #findBehind(place: SweepPlace): Promise<BehindUsers> {
    const way = toWay(await toStemmers(this.#db, this.#languages));
    const { users, next } = await findBehindUsers(this.#db, place, SWEEP_CHATS, way);
    if (this.#embedder === undefined) return { users, next };
    const format = toModelFormat(this.#embedder);
    const others = await findUnembeddedUsers(this.#db, place, format, SWEEP_CHATS);
    return { users: [...new Set([...users, ...others])], next };
  }

  /** While an embedder fails nothing is embedded, and all who wait for it have their turn when it is tried again. */
  async #embed(userId: string): Promise<void> {
    const { signal } = this.#closing;
    const embedder = this.#embedder;
    if (embedder === undefined || signal.aborted) return;
    if (this.#retryTimer !== undefined) {
      this.#unembedded.add(userId);
      return;
    }
    const pause = async (tookMs: number) => {
      this.#retryMs = MIN_RETRY_MS;
      await this.#rest(tookMs);
      signal.throwIfAborted();
    };
    await doTask('index', () => embedChats(this.#db, userId, embedder, pause)).catch((error: unknown) => {
      if (signal.aborted) return;
      embedder.onError?.(error);
      this.#unembedded.add(userId);
      this.#retryLater();
    });
  }

  #retryLater(): void {
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      const users = [...this.#unembedded];
      this.#unembedded.clear();
      for (const userId of users) this.#add(userId);
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #rest(tookMs: number): Promise<void> {
    const isIdle = performance.now() - this.#writtenAt > IDLE_MS;
    return this.#wait(Math.min(tookMs * (isIdle ? IDLE_PAUSES : BUSY_PAUSES), MAX_PAUSE_MS));
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => undefined);
  }
}
