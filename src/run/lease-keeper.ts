import type { Queryable } from '../db/database.ts';
import { type RunLease, renewLeases } from '../store/runs.ts';

/** A run whose lease is older than this belongs to whoever takes it. */
export const LEASE_MS = 10_000;
/** Also how soon a run learns that another process wants it cancelled. */
const RENEW_MS = 1_000;

export interface LeaseWatcher {
  /** The run is another's now: nothing that it writes counts. */
  lost(): void;
  cancelled(): void;
}

/** Renews the leases of this process's runs: one statement a second for all of them. */
export class LeaseKeeper {
  readonly #db: Queryable;
  readonly #leases = new Map<RunLease, LeaseWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(db: Queryable) {
    this.#db = db;
  }

  add(lease: RunLease, watcher: LeaseWatcher): void {
    this.#leases.set(lease, watcher);
    this.#timer ??= setInterval(() => void this.#renew(), RENEW_MS);
  }

  remove(lease: RunLease): void {
    this.#leases.delete(lease);
    if (this.#leases.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #renew(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const asked = [...this.#leases.keys()];
    try {
      const renewed = await renewLeases(this.#db, asked, LEASE_MS);
      const byRun = new Map(renewed.map((lease) => [lease.runId, lease]));
      for (const lease of asked) {
        const watcher = this.#leases.get(lease);
        const found = byRun.get(lease.runId);
        if (found === undefined) watcher?.lost();
        else if (found.cancelRequested) watcher?.cancelled();
      }
    } catch {
      // The database is away. If it stays away for longer than a lease, another process may end these runs.
    } finally {
      this.#busy = false;
    }
  }
}
