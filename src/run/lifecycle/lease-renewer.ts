import type { Queryable } from '../../driver/driver.ts';
import { type RunLease, renewLeases } from '../../store/runs/runs.ts';

/** Bounds, too, how soon a run learns that another process wants it cancelled. */
const RENEW_INTERVAL_MS = 1_000;

export interface LeaseListener {
  /** The run is another's now: nothing that it writes counts. */
  onLost(): void;
  onCancelled(): void;
}

/** Renews the leases of this process's runs: one statement a second for all of them. */
export class LeaseRenewer {
  readonly #db: Queryable;
  readonly #leaseMs: number;
  readonly #leases = new Map<RunLease, LeaseListener>();
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(db: Queryable, leaseMs: number) {
    this.#db = db;
    this.#leaseMs = leaseMs;
  }

  add(lease: RunLease, listener: LeaseListener): void {
    this.#leases.set(lease, listener);
    this.#timer ??= setInterval(() => void this.#renew(), Math.min(RENEW_INTERVAL_MS, this.#leaseMs / 4));
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
      const renewed = await renewLeases(this.#db, asked, this.#leaseMs);
      const byRun = new Map(renewed.map((lease) => [lease.runId, lease]));
      for (const lease of asked) {
        const watcher = this.#leases.get(lease);
        const found = byRun.get(lease.runId);
        if (found === undefined) watcher?.onLost();
        else if (found.cancelRequested) watcher?.onCancelled();
      }
    } catch {
      // The database is away. If it stays away for longer than a lease, another process may end these runs.
    } finally {
      this.#busy = false;
    }
  }
}
