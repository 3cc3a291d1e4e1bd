import type { Pool, PoolConfig } from 'pg';
import { invalidField } from '../../errors.ts';
import { translateDatabaseError } from '../sqlstate.ts';
import type { ConnectionPool, PooledClient } from './connection-pool.ts';

/** One URL a host of `postgres://a:5432,b/name`, each with the rest of it. */
export function splitHosts(url: string): string[] {
  const parts = /^(postgres(?:ql)?:\/\/)([^/?]*@)?([^/?]*)(.*)$/is.exec(url);
  if (parts === null) return [url];
  const [, scheme, account = '', hosts = '', rest] = parts;
  return hosts.split(',').map((host) => `${scheme}${account}${host}${rest}`);
}

/**
 * Pools on each host of a URL: connections come from the first that takes one, beginning with the one that took the last.
 *
 * With `target_session_attrs=read-write` or `primary` a standby takes none, so that the pool follows a failover.
 */
export class HostPools implements ConnectionPool {
  readonly options: { readonly max: number };
  readonly #pools: readonly Pool[];
  #current = 0;

  constructor(url: string, makePool: (config: PoolConfig) => Pool, max: number) {
    const verify = mustWrite(url) ? refuseStandby : undefined;
    this.options = { max };
    this.#pools = splitHosts(url).map((connectionString) =>
      makePool({ connectionString, max, ...(verify && { verify }) }),
    );
  }

  async connect(): Promise<PooledClient> {
    const from = this.#current;
    let failure: unknown;
    for (let step = 0; step < this.#pools.length; step += 1) {
      const index = (from + step) % this.#pools.length;
      try {
        const client = await (this.#pools[index] as Pool).connect();
        this.#current = index;
        return client;
      } catch (error) {
        // Another host has no more to do with it when this one only has too much to do.
        if (translateDatabaseError(error).code === 'database_busy') throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  async end(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}

/** @throws QuestlogError `invalid_request` for a server that Questlog could not write to. */
function mustWrite(url: string): boolean {
  const wanted = new URLSearchParams(url.split('?')[1]).get('target_session_attrs') ?? 'any';
  if (!['any', 'read-write', 'primary'].includes(wanted)) {
    throw invalidField('url', 'must have any, read-write or primary as its target_session_attrs');
  }
  return wanted !== 'any';
}

type Verify = (client: PooledClient, done: (error?: Error) => void) => void;

/** As the server of a client says of itself: asked once a connection, when it is made. */
const refuseStandby: Verify = (client, done) => {
  client.query({ text: 'select pg_is_in_recovery() as "isStandby"' }).then(
    ({ rows }) => done(rows[0]?.isStandby ? new StandbyError('the server is a standby') : undefined),
    (error: Error) => done(error),
  );
};

class StandbyError extends Error {
  /** read_only_sql_transaction: what it would say of the first write. */
  readonly code = '25006';
}
