import type { Database } from '../../database/database.ts';
import { query } from '../../driver/driver.ts';
import type { Config } from '../config.ts';
import type { Finding } from './finding.ts';

/** Whether a pooler is on the way that keeps no settings: each transaction has to bring them along then. */
export async function checkPooler(db: Database, { liveUrl }: Config): Promise<readonly Finding[]> {
  const name = 'pooler';
  if (db.kind === 'pglite') return [{ name, status: 'ok', found: 'none: the database is in the process' }];
  const [setting] = await query<{ source: string }>(db, {
    userId: null,
    text: `select source from pg_settings where name = 'lock_timeout'`,
  });
  // What a connection was made with has the source "client".
  if (setting?.source !== 'session')
    return [{ name, status: 'ok', found: 'connections keep their settings' }];
  const found =
    'one that keeps no settings, such as PgBouncer in transaction mode: each statement is a transaction of its own';
  if (liveUrl !== undefined) return [{ name, status: 'ok', found }];
  const remedy =
    'set QUESTLOG_LIVE_URL to the server itself, or to NATS: changes of other processes are not heard through such a pooler';
  return [{ name, status: 'warn', found, remedy }];
}

interface Limits {
  readonly most: number;
  readonly used: number;
}

/** Whether the server has room for the connections of a pool, and for the one that listens, of each process. */
export async function checkConnections(
  db: Database,
  { poolSize, workers }: Config,
): Promise<readonly Finding[]> {
  const name = 'connections';
  if (db.kind === 'pglite') return [{ name, status: 'ok', found: 'one, in the process' }];
  const [limits] = await query<{ most: number; used: number }>(db, {
    userId: null,
    text: `select (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most`,
  });
  return [describeConnections(limits ?? { most: 0, used: 0 }, poolSize, workers)];
}

/** What the limits of a server mean for pools of this size. */
export function describeConnections({ most, used }: Limits, poolSize: number, workers: number): Finding {
  const needed = workers * (poolSize + 1);
  const pools =
    workers === 1
      ? `the pool of a server has up to ${poolSize}, and one that listens`
      : `the pools of ${workers} workers have up to ${workers * poolSize}, and ${workers} that listen`;
  const finding = { name: 'connections', found: `${used} of ${most} are in use, ${pools}` };
  const lower = workers === 1 ? 'lower QUESTLOG_POOL_SIZE' : 'lower QUESTLOG_POOL_SIZE or QUESTLOG_WORKERS';
  if (needed > most) return { ...finding, status: 'fail', remedy: `${lower}, or raise max_connections` };
  if (used + needed <= most) return { ...finding, status: 'ok' };
  const remedy = `where these are not of this server already: ${lower}, raise max_connections, or put a pooler before it`;
  return { ...finding, status: 'warn', remedy };
}
