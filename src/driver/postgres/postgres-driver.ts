import type { Socket } from 'node:net';
import type { Pool, PoolClient } from 'pg';
import { QuestlogError } from '../../errors.ts';
import type { Driver, QueryResult, Statement, Transaction } from '../driver.ts';
import { InFlight } from '../in-flight.ts';
import { translateDatabaseError, translateErrors } from '../sqlstate.ts';
import { StatementNames } from './statement-names.ts';

export interface PostgresOptions {
  /** Connections of the pool; 10 serve more than a hundred concurrent callers. */
  readonly poolSize?: number;
  /** Called when an idle connection died. The pool replaces it by itself. */
  readonly onIdleError?: (error: Error) => void;
}

/** The server ends a statement before the client gives its silence up, so that "timed out" also means "rolled back". */
const STATEMENT_TIMEOUT_MS = 30_000;
const SOCKET_TIMEOUT_MS = 35_000;
const SCRIPT_SOCKET_TIMEOUT_MS = 60 * 60_000;
const SETTINGS = `set default_transaction_isolation = 'read committed'; set statement_timeout = ${STATEMENT_TIMEOUT_MS}`;
const MIN_SERVER_VERSION = 140_000;

/** Opens a pool on `url` and makes sure that a supported PostgreSQL answers. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Driver> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 5_000,
    application_name: 'questlog',
    onConnect: (client) => {
      destroyWhenSilent(client as PoolClient);
      // Not startup parameters: a pooler refuses those.
      return client.query(SETTINGS);
    },
  });
  // Without a listener Node ends the process when an idle connection dies.
  pool.on('error', (error) => options.onIdleError?.(error));
  try {
    await assertSupported(pool);
  } catch (error) {
    await pool.end();
    throw cannotOpen(error);
  }
  return new PostgresDriver(pool, describeLocation(url));
}

class PostgresDriver implements Driver {
  readonly kind = 'postgres';
  readonly location: string;
  readonly connections: number;
  readonly #pool: Pool;
  readonly #names = new StatementNames();
  readonly #inFlight = new InFlight();

  constructor(pool: Pool, location: string) {
    this.#pool = pool;
    this.location = location;
    this.connections = pool.options.max;
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    return this.#inFlight.run(() => this.#ask(statement));
  }

  async exec(script: string): Promise<void> {
    await this.transaction((tx) => tx.exec(script));
  }

  transaction<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.#inFlight.run(() => this.#transact(work));
  }

  close(): Promise<void> {
    // The pool would forget who waits for a connection.
    return this.#inFlight.drain(() => this.#pool.end());
  }

  async #ask(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    try {
      return await this.#pool.query(this.#names.prepare(statement));
    } catch (error) {
      if (!this.#names.disableAfter(error)) throw translateDatabaseError(error);
      return translateErrors(this.#pool.query(this.#names.prepare(statement)));
    }
  }

  async #transact<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const client = await translateErrors(this.#pool.connect());
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await translateErrors(client.query('begin isolation level read committed'));
      const result = await work(this.#transactionOn(client));
      const { command } = await translateErrors(client.query('commit'));
      if (command === 'ROLLBACK') throw rolledBack();
      return result;
    } catch (error) {
      this.#names.disableAfter(error);
      await client.query('rollback').catch(onError);
      throw error;
    } finally {
      client.removeListener('error', onError);
      client.release(broken);
    }
  }

  #transactionOn(client: PoolClient): Transaction {
    return {
      query: (statement) => translateErrors(client.query(this.#names.prepare(statement))),
      exec: async (script) => {
        await translateErrors(client.query('set local statement_timeout = 0'));
        socketOf(client).setTimeout(SCRIPT_SOCKET_TIMEOUT_MS);
        await translateErrors(client.query(script)).finally(() =>
          socketOf(client).setTimeout(SOCKET_TIMEOUT_MS),
        );
      },
    };
  }
}

/**
 * Breaks a connection whose server is silent while it is asked. One timer a connection: with the driver's own
 * `query_timeout`, one a statement, V8 collects garbage amid a long result, and 10,000 items take a third longer to load.
 */
function destroyWhenSilent(client: PoolClient): void {
  const socket = socketOf(client);
  socket.setTimeout(SOCKET_TIMEOUT_MS);
  socket.on('timeout', () => {
    // A transaction may wait for its caller as long as that takes.
    if ('readyForQuery' in client && client.readyForQuery === false) socket.destroy();
  });
}

function socketOf({ connection }: PoolClient): Socket {
  return connection.stream as Socket;
}

/** PostgreSQL answers the commit of a transaction whose statement had failed with a rollback, not with an error. */
function rolledBack(): QuestlogError {
  return new QuestlogError(
    'database_failed',
    'the transaction was rolled back: one of its statements had failed',
  );
}

async function assertSupported(pool: Pool): Promise<void> {
  const result = await translateErrors(
    pool.query(
      `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
    ),
  );
  const server = result.rows[0] as { version: number; encoding: string };
  if (server.version < MIN_SERVER_VERSION) {
    throw new QuestlogError('database_failed', 'Questlog needs PostgreSQL 14 or newer');
  }
  if (server.encoding !== 'UTF8') {
    throw new QuestlogError(
      'database_failed',
      `the database must be encoded in UTF8, not ${server.encoding}`,
    );
  }
}

/** The cause says why: a wrong password, no such database, no server there. */
function cannotOpen(error: unknown): QuestlogError {
  const { code, cause, message } = translateDatabaseError(error);
  return new QuestlogError(code, cause === undefined ? message : 'the database cannot be opened', { cause });
}

/** `postgres://user:secret@host:5432/name` → `host:5432/name`. */
function describeLocation(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'PostgreSQL';
  }
}
