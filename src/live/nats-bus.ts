import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { nameInSchema } from '../driver/schema.ts';
import { explainMissing, QuestlogError } from '../errors.ts';
import type { Bus, BusListener } from './bus.ts';
import { decodeMessage, encodeMessage } from './change-message.ts';

const SUBJECT = 'questlog.live';
/** The smallest limit that a NATS server is usually set to is 1 MB. */
const MAX_BYTES = 500_000;
const RETRY_DELAY_MS = 1_000;
const CLOSE_TIMEOUT_MS = 1_000;

/** Plain NATS publish and subscribe: nothing is stored there. */
export async function openNatsBus(
  url: string,
  listener: BusListener,
  schema: string | undefined,
): Promise<Bus> {
  const { connect } = await import(/* webpackIgnore: true */ '@nats-io/transport-node').catch(
    explainMissing('@nats-io/transport-node'),
  );
  const bus = new NatsBus(() => connect(toOptions(url)), nameInSchema(SUBJECT, schema), listener);
  bus.start();
  return bus;
}

class NatsBus implements Bus {
  readonly #connect: () => Promise<NatsConnection>;
  readonly #subject: string;
  readonly #listener: BusListener;
  readonly #closing = new AbortController();
  #connection: NatsConnection | undefined;
  #started: Promise<void> = Promise.resolve();

  constructor(connect: () => Promise<NatsConnection>, subject: string, listener: BusListener) {
    this.#subject = subject;
    this.#connect = connect;
    this.#listener = listener;
  }

  start(): void {
    this.#started = this.#keepTrying();
  }

  async publish(message: Parameters<Bus['publish']>[0]): Promise<void> {
    if (this.#connection === undefined) {
      throw new QuestlogError('database_unavailable', 'NATS is not connected');
    }
    for (const text of encodeMessage(message, MAX_BYTES)) this.#connection.publish(this.#subject, text);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#started;
    const connection = this.#connection;
    // What was published last goes out, unless the server does not answer.
    await Promise.race([connection?.drain(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]).catch(
      () => undefined,
    );
    await connection?.close();
  }

  /** Until it is connected for the first time; later on the client reconnects by itself. */
  async #keepTrying(): Promise<void> {
    let isReported = false;
    while (!this.#closing.signal.aborted) {
      try {
        const connection = await this.#connect();
        this.#connection = connection;
        this.#receive(connection);
        void this.#observe(connection);
        await connection.flush();
        this.#listener.connected();
        return;
      } catch (error) {
        if (!isReported) this.#listener.lost(error);
        isReported = true;
        const wait = RETRY_DELAY_MS * (0.5 + Math.random() / 2);
        await sleep(wait, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  #receive(connection: NatsConnection): void {
    connection.subscribe(this.#subject, {
      callback: (error, message) => {
        const change = error === null ? decodeMessage(message.string()) : undefined;
        if (change !== undefined) this.#listener.message(change);
      },
    });
  }

  async #observe(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#listener.lost(new Error('disconnected from NATS'));
      if (status.type === 'reconnect') this.#listener.connected();
    }
  }
}

/** `nats://user:password@host:4222`, `nats://token@host`, `tls://…`. */
function toOptions(text: string): ConnectionOptions {
  const url = new URL(text);
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const credentials = pass === '' ? { token: user } : { user, pass };
  return {
    servers: `${url.hostname}:${url.port || '4222'}`,
    name: 'questlog',
    noEcho: true,
    maxReconnectAttempts: -1,
    ...(user === '' ? {} : credentials),
    ...(url.protocol === 'tls:' ? { tls: {} } : {}),
  };
}
