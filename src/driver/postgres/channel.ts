import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { explainMissing, QuestlogError } from '../../errors.ts';
import { splitHosts } from './pool.ts';

export interface ChannelListener {
  message(text: string): void;
  /** It listens, for the first time or again: messages may have been missed before. */
  connected(): void;
  lost(error: unknown): void;
}

/** A notification channel of PostgreSQL. */
export interface Channel {
  /** Sends messages of less than 8,000 bytes each, all in one statement. Rejects when it is not connected. */
  send(messages: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const RETRY_DELAY_MS = { least: 100, most: 10_000 };
const CHECK_INTERVAL_MS = 20_000;
const TIMEOUT_MS = 5_000;

/**
 * Listens on a connection of its own, since a transaction on it would hold up every notification of
 * the server. Sends on it too: never inside a writer's transaction, where all commits of the server would queue.
 */
export async function openChannel(url: string, name: string, listener: ChannelListener): Promise<Channel> {
  const { default: pg } = await import('pg').catch(explainMissing('pg'));
  const hosts = splitHosts(url);
  const channel = new PostgresChannel(
    (attempt) =>
      new pg.Client({
        connectionString: hosts[attempt % hosts.length],
        application_name: 'questlog live',
        connectionTimeoutMillis: TIMEOUT_MS,
        query_timeout: TIMEOUT_MS,
        keepAlive: true,
      }),
    name,
    listener,
  );
  channel.start();
  return channel;
}

class PostgresChannel implements Channel {
  /** On another host with every attempt. */
  readonly #makeClient: (attempt: number) => Client;
  readonly #name: string;
  readonly #listener: ChannelListener;
  readonly #closing = new AbortController();
  #client: Client | undefined;
  #over: Promise<void> = Promise.resolve();

  constructor(makeClient: (attempt: number) => Client, name: string, listener: ChannelListener) {
    this.#makeClient = makeClient;
    this.#name = name;
    this.#listener = listener;
  }

  start(): void {
    this.#over = this.#keepConnected();
  }

  async send(messages: readonly string[]): Promise<void> {
    if (this.#client === undefined) {
      throw new QuestlogError('database_unavailable', 'the notification channel is not connected');
    }
    await this.#client.query('select pg_notify($1, m) from unnest($2::text[]) as m', [this.#name, messages]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#over;
  }

  async #keepConnected(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      try {
        await this.#serve(failures, () => {
          failures = 0;
        });
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (failures === 0) this.#listener.lost(error);
        const longest = Math.min(RETRY_DELAY_MS.most, RETRY_DELAY_MS.least * 2 ** failures);
        failures += 1;
        await this.#pause(longest * (0.5 + Math.random() / 2));
      }
    }
  }

  /** One connection, from its begin until it is lost (rejects) or the channel is closed. */
  async #serve(attempt: number, onConnected: () => void): Promise<void> {
    const client = this.#makeClient(attempt);
    const lost = new Promise<never>((_resolve, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the connection ended')));
    });
    lost.catch(() => undefined);
    client.on('notification', ({ payload }) => this.#listener.message(payload ?? ''));
    try {
      await Promise.race([client.connect(), lost]);
      await client.query(`listen ${client.escapeIdentifier(this.#name)}`);
      this.#client = client;
      onConnected();
      this.#listener.connected();
      await Promise.race([this.#check(client), lost]);
    } finally {
      this.#client = undefined;
      await Promise.race([client.end(), sleep(TIMEOUT_MS, undefined, { ref: false })]).catch(() => undefined);
    }
  }

  /**
   * Finds out that the other end has vanished without a word. The function also lets the server drop what a listener
   * that is gone had left in its queue.
   */
  async #check(client: Client): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#pause(CHECK_INTERVAL_MS);
      if (!this.#closing.signal.aborted) await client.query('select pg_notification_queue_usage()');
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }
}
