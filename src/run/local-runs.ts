import type { Database } from '../driver/driver.ts';

const RUNS = new WeakMap<Database, Set<string>>();

/**
 * The ids of the runs that this process executes on a database. A running one of an embedded database that is not
 * among them is dead: no other process can have that database open.
 */
export function localRuns(db: Database): Set<string> {
  const known = RUNS.get(db) ?? new Set();
  RUNS.set(db, known);
  return known;
}
