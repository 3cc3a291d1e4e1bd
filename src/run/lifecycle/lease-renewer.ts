import { doTask } from '../../channels.ts';
import type { Queryable } from '../../driver/driver.ts';
import { type RunLease, renewLeases } from '../../store/runs/runs.ts';

/** Bounds, too, how soon a run learns that another process wants it cancelled. */
const RENEW_INTERVAL_MS = 1_000;

export interface LeaseListener {
  /** The run is another's now: nothing that it writes counts. */
  onLost(): void;
  onCancelled(): void;
}

/** Renews the leases of this process's runs: one statement a second for all of them, on a cluster for those of each user. */
export class LeaseRenewer {
  readonly #db: Queryable;
  readonly #leaseMs: number;
  readonly #leases = new Map<RunLease, LeaseListener>();
  /** Those that the database is being asked for. */
  readonly #asked = new Set<RunLease>();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Queryable, leaseMs: number) {
    this.#db = db;
    this.#leaseMs = leaseMs;
  }

  add(lease: RunLease, listener: LeaseListener): void {
    this.#leases.set(lease, listener);
    this.#timer ??= setInterval(() => this.#renew(), Math.min(RENEW_INTERVAL_MS, this.#leaseMs / 4));
  }

  remove(lease: RunLease): void {
    this.#leases.delete(lease);
    if (this.#leases.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #renew(): void {
    const leases = [...this.#leases.keys()].filter((lease) => !this.#asked.has(lease));
    if (leases.length === 0) return;
    for (const group of this.#db.isDistributed ? groupByUser(leases) : [leases]) void this.#renewGroup(group);
  }

  async #renewGroup(leases: readonly RunLease[]): Promise<void> {
    for (const lease of leases) this.#asked.add(lease);
    try {
      const renewed = await doTask('leases', () => renewLeases(this.#db, leases, this.#leaseMs));
      const byRun = new Map(renewed.map((lease) => [lease.runId, lease]));
      for (const lease of leases) {
        const watcher = this.#leases.get(lease);
        const found = byRun.get(lease.runId);
        if (found === undefined) watcher?.onLost();
        else if (found.cancelRequested) watcher?.onCancelled();
      }
    } catch {
      // The database is away. If it stays away for longer than a lease, another process may end these runs.
    } finally {
      for (const lease of leases) this.#asked.delete(lease);
    }
  }
}

/** A node that is down holds up its own users alone. */
function groupByUser(leases: readonly RunLease[]): RunLease[][] {
  const groups = new Map<string, RunLease[]>();
  for (const lease of leases) groups.set(lease.userId, [...(groups.get(lease.userId) ?? []), lease]);
  return [...groups.values()];
}
