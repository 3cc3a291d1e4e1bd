import type { Database } from '../../database/database.ts';
import { query } from '../../driver/driver.ts';
import type { Finding } from './finding.ts';

/** As far as clocks may differ for a token to be taken, and leases of runs to mean the same. */
const SOME_MS = 5_000;
const MANY_MS = 60_000;

/** How far the clock of the database is from that of this process. */
export async function checkClock(db: Database): Promise<readonly Finding[]> {
  const before = Date.now();
  const [row] = await query<{ ms: string }>(db, {
    userId: null,
    text: 'select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms',
  });
  return [describeClock('the database', Number(row?.ms) - (before + Date.now()) / 2)];
}

/** What it means that the clock of another machine is so far before this one's. */
export function describeClock(whose: string, aheadMs: number): Finding {
  const seconds = Math.abs(aheadMs) / 1_000;
  const found = `${whose} is ${seconds.toFixed(1)} seconds ${aheadMs < 0 ? 'behind' : 'ahead of'} this process`;
  if (Math.abs(aheadMs) <= SOME_MS) return { name: 'clock', status: 'ok', found };
  const status = Math.abs(aheadMs) > MANY_MS ? 'fail' : 'warn';
  return { name: 'clock', status, found, remedy: 'set both clocks by NTP' };
}
