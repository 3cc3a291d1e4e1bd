import { readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PGlite, Transaction as PGliteTransaction } from '@electric-sql/pglite';
import { explainMissing, QuestlogError } from '../../errors.ts';
import type { Driver, QueryResult, Statement, Transaction } from '../driver.ts';
import { InFlight } from '../in-flight.ts';
import { quoteSchema, type SchemaOptions } from '../schema.ts';
import type { Claim } from '../shares.ts';
import { sqlstateOf, translateDatabaseError } from '../sqlstate.ts';
import { lockFolder } from './folder-lock.ts';
import { exists, makeFolder } from './make-folder.ts';

/** Inside the data folder: the database itself, and the name under which a new one is made. */
const CLUSTER = 'pglite';
const UNFINISHED = 'pglite.new-';
/** A quarter of PGlite's own: it is filled with zeros at every start, and stays resident. */
const SHARED_BUFFERS = '32MB';
/** How long a statement may wait for others of its user: as long as PostgreSQL lets one wait for a lock. */
const SHARE_TIMEOUT_MS = 30_000;

/** Opens PGlite (PostgreSQL in this process) in memory: everything is gone when it closes. */
export async function openMemory({ schema }: SchemaOptions = {}): Promise<Driver> {
  return new PGliteDriver(await useSchema(await createPGlite(), schema), 'memory', schema, () =>
    Promise.resolve(),
  );
}

/**
 * Opens PGlite on a folder, which it creates when missing. The folder belongs to one process at a time: PGlite has no
 * lock of its own and a second process loses what the first acknowledged.
 *
 * @throws QuestlogError `database_locked` when another process holds the folder.
 */
export async function openFolder(path: string, { schema }: SchemaOptions = {}): Promise<Driver> {
  const folder = resolve(path);
  let unlock = () => Promise.resolve();
  try {
    await makeFolder(folder);
    unlock = await lockFolder(folder);
    return new PGliteDriver(await useSchema(await openCluster(folder), schema), folder, schema, unlock);
  } catch (error) {
    await unlock();
    if (error instanceof QuestlogError) throw error;
    throw new QuestlogError('database_failed', `the data folder ${folder} cannot be opened`, {
      cause: error,
    });
  }
}

/** Whether a folder has a database already. */
export async function hasCluster(folder: string): Promise<boolean> {
  return exists(join(folder, CLUSTER));
}

/**
 * A process killed in the milliseconds after `PG_VERSION` appears leaves a cluster that never opens again. So a new
 * one is made under another name and gets its own only when it is whole.
 */
async function openCluster(folder: string): Promise<PGlite> {
  const cluster = join(folder, CLUSTER);
  for (const name of await readdir(folder)) {
    if (name.startsWith(UNFINISHED)) await rm(join(folder, name), { recursive: true, force: true });
  }
  if (!(await exists(cluster))) {
    const unfinished = join(folder, `${UNFINISHED}${process.pid}`);
    const fresh = await createPGlite(unfinished);
    await fresh.close();
    await rename(unfinished, cluster);
  }
  return createPGlite(cluster);
}

async function createPGlite(dataDir?: string): Promise<PGlite> {
  // Bundlers leave it alone: it reads files beside itself, and need not be there.
  const { PGlite } = await import(/* webpackIgnore: true */ '@electric-sql/pglite').catch(
    explainMissing('@electric-sql/pglite'),
  );
  const startParams = [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`];
  return PGlite.create({ ...(dataDir && { dataDir }), startParams });
}

/** Its only session has the search path from here on. */
async function useSchema(pglite: PGlite, schema: string | undefined): Promise<PGlite> {
  if (schema !== undefined) await pglite.exec(`set search_path = ${quoteSchema(schema)}`);
  return pglite;
}

class PGliteDriver implements Driver {
  readonly kind = 'pglite';
  readonly location: string;
  readonly schema: string | undefined;
  readonly connections = 1;
  readonly #pglite: PGlite;
  readonly #unlock: () => Promise<void>;
  readonly #inFlight = new InFlight(this.connections, SHARE_TIMEOUT_MS);
  #diskFull = false;

  constructor(pglite: PGlite, location: string, schema: string | undefined, unlock: () => Promise<void>) {
    this.#pglite = pglite;
    this.location = location;
    this.schema = schema;
    this.#unlock = unlock;
  }

  query(statement: Statement): Promise<QueryResult<Record<string, unknown>>> {
    return this.#whileOpen(statement, () => ask(this.#pglite, statement));
  }

  async exec(script: string): Promise<void> {
    await this.#whileOpen({ userId: null }, () => this.#pglite.exec(script));
  }

  async transaction<Result>(
    work: (tx: Transaction) => Promise<Result>,
    userId?: string | null,
  ): Promise<Result> {
    let failure: { readonly error: unknown } | undefined;
    const run = async (tx: PGliteTransaction) => {
      try {
        return await work(this.#transactionOn(tx));
      } catch (error) {
        failure = { error };
        throw error;
      }
    };
    try {
      return await this.#whileOpen({ userId }, () => this.#pglite.transaction(run));
    } catch (error) {
      // The caller's own failure comes back as it was thrown.
      throw failure === undefined ? error : failure.error;
    }
  }

  close(): Promise<void> {
    return this.#inFlight.drain(async () => {
      try {
        await this.#pglite.close();
      } finally {
        await this.#unlock();
      }
    });
  }

  #transactionOn(tx: PGliteTransaction): Transaction {
    return {
      query: (statement) => this.#guarded(() => ask(tx, statement)),
      exec: async (script) => {
        await this.#guarded(() => tx.exec(script));
      },
    };
  }

  #whileOpen<Result>(claim: Claim, work: () => Promise<Result>): Promise<Result> {
    return this.#inFlight.run(claim, () => this.#guarded(work));
  }

  /**
   * After "disk full" PGlite may spin for ever on its next statement, so it gets none
   * (docs/decisions/003-embedded-database.md).
   */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#diskFull) throw new QuestlogError('database_full', 'the disk was full: free some and restart');
    try {
      return await work();
    } catch (error) {
      if (sqlstateOf(error) === '53100') this.#diskFull = true;
      throw translateDatabaseError(error);
    }
  }
}

const JSON_TYPE = 114;

function ask(db: PGlite | PGliteTransaction, { text, values, types }: Statement) {
  const parsers = types === undefined ? undefined : { parsers: { [JSON_TYPE]: types.getTypeParser() } };
  return db.query<Record<string, unknown>>(text, values, parsers);
}
