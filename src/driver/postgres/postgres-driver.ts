import type { PoolConfig } from 'pg';
import { CONNECTION_WAITS, CONNECTIONS, trace } from '../../channels.ts';
import { explainMissing, QuestlogError } from '../../errors.ts';
import type { Driver, QueryResult, Statement, Transaction } from '../driver.ts';
import { InFlight } from '../in-flight.ts';
import { isPassing } from '../outcome.ts';
import type { SchemaOptions } from '../schema.ts';
import type { Claim } from '../shares.ts';
import { translateDatabaseError, translateErrors } from '../sqlstate.ts';
import { Connection, destroyWhenSilent } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { HostPools, splitHosts } from './pool.ts';
import { repeat } from './repeat.ts';
import { addStartupOptions, inspectServer, isOptionsRefusal, type ServerFacts } from './settings.ts';
import { StatementNames } from './statement-names.ts';

/** How a PostgreSQL is opened. */
export interface PostgresOptions extends SchemaOptions {
  /** Connections of the pool; 10 (the default) serve more than a hundred concurrent callers. Of an own pool: its own. */
  readonly poolSize?: number | undefined;
  /** Called when an idle connection died. The pool replaces it by itself. Not of an own pool, which has its listeners. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/** How long to wait for a connection: for one that is being made, for one of the pool, for others of the same user. */
const CONNECTION_TIMEOUT_MS = 5_000;
const DEFAULT_POOL_SIZE = 10;

/** Opens a pool on `url` and makes sure that a supported PostgreSQL answers. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Driver> {
  const { default: pg } = await import('pg').catch(explainMissing('pg'));
  const makePool = (config: PoolConfig) => {
    const pool = new pg.Pool({
      ...config,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      application_name: 'questlog',
    });
    pool.on('connect', destroyWhenSilent);
    // Without a listener Node ends the process when an idle connection dies.
    pool.on('error', (error) => options.onIdleError?.(error));
    return pool;
  };
  const open = (urlWithOptions: string): Promise<Driver> => {
    const pool = new HostPools(urlWithOptions, makePool, options.poolSize ?? DEFAULT_POOL_SIZE);
    return openPool(pool, options, { location: describeLocation(url), end: () => pool.end() });
  };
  return open(addStartupOptions(url, options.schema)).catch((error: unknown) => {
    // A pooler that refuses them: its transactions get the settings instead.
    if (!isOptionsRefusal(error)) throw error;
    return open(url);
  });
}

/**
 * Makes sure that a supported PostgreSQL answers on a pool.
 *
 * @param own what becomes of a pool that was made for it. Default: the pool is the caller's, who ends it.
 */
export async function openPool(
  pool: ConnectionPool,
  { schema }: SchemaOptions = {},
  own: { readonly location: string; readonly end: () => Promise<void> } = CALLERS,
): Promise<Driver> {
  try {
    return new PostgresDriver(pool, own, schema, await inspectServer(pool, schema));
  } catch (error) {
    await own.end();
    throw cannotOpen(error);
  }
}

const CALLERS = { location: 'a pool of the application', end: () => Promise.resolve() };

class PostgresDriver implements Driver {
  readonly kind = 'postgres';
  readonly location: string;
  readonly connections: number;
  readonly schema: string | undefined;
  readonly isDistributed: boolean;
  readonly #pool: ConnectionPool;
  readonly #end: () => Promise<void>;
  readonly #settings: ServerFacts;
  readonly #names = new StatementNames();
  readonly #inFlight: InFlight;

  constructor(
    pool: ConnectionPool,
    { location, end }: typeof CALLERS,
    schema: string | undefined,
    settings: ServerFacts,
  ) {
    this.#pool = pool;
    this.#end = end;
    this.#settings = settings;
    this.location = location;
    this.schema = schema;
    this.isDistributed = settings.isDistributed;
    this.connections = pool.options?.max ?? DEFAULT_POOL_SIZE;
    this.#inFlight = new InFlight(this.connections, CONNECTION_TIMEOUT_MS);
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    if (this.#settings.areEverywhere)
      return this.#run(statement, (connection) => connection.query(statement));
    return this.#transact(statement, (tx) => tx.query(statement));
  }

  async exec(script: string): Promise<void> {
    await this.transaction((tx) => tx.exec(script));
  }

  transaction<Result>(work: (tx: Transaction) => Promise<Result>, userId?: string | null): Promise<Result> {
    return this.#transact({ userId }, work);
  }

  close(): Promise<void> {
    // The pool would forget who waits for a connection.
    return this.#inFlight.drain(this.#end);
  }

  #transact<Result>(claim: Claim, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.#run(claim, (connection) => connection.transaction(this.#settings.begin, work));
  }

  #run<Result>(claim: Claim, work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#inFlight.run(claim, () =>
      repeat(
        () => this.#borrow(work),
        (error) => isPassing(error) || this.#names.disableAfter(error),
      ),
    );
  }

  async #borrow<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const describe = () => ({ max: this.connections });
    const client = await trace(CONNECTION_WAITS, describe, () => translateErrors(this.#pool.connect()));
    const connection = new Connection(client, this.#names);
    try {
      return await trace(CONNECTIONS, describe, () => work(connection));
    } finally {
      connection.release();
    }
  }
}

/** The cause says why: a wrong password, no such database, no server there. */
function cannotOpen(error: unknown): QuestlogError {
  if (error instanceof QuestlogError) return error;
  const { code } = translateDatabaseError(error);
  return new QuestlogError(code, 'the database cannot be opened', { cause: error });
}

/** `postgres://user:secret@host:5432/name` → `host:5432/name`. */
function describeLocation(url: string): string {
  try {
    const places = splitHosts(url).map((one) => new URL(one));
    return `${places.map(({ host }) => host).join(',')}${places[0]?.pathname}`;
  } catch {
    return 'PostgreSQL';
  }
}
