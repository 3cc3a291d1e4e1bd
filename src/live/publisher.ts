import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../driver/changes.ts';
import type { ChangeMessage } from './change-message.ts';

/** How often other processes are notified of how far a run is, at most. */
const PROGRESS_INTERVAL_MS = 250;

type Progress = Required<Change>['run'];

/**
 * Collects what this process changes and publishes it: at once when idle, everything that has come up meanwhile
 * together when not. Never more than one publication is under way, so a slow bus costs no writer anything.
 */
export class Publisher {
  readonly #publish: (message: Omit<ChangeMessage, 'from'>) => Promise<void>;
  readonly #users = new Set<string>();
  readonly #runs = new Map<string, { readonly userId: string; readonly run: Progress }>();
  #sending: Promise<void> | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #progressDue = false;

  /** @param publish is waited for; must not reject. */
  constructor(publish: (message: Omit<ChangeMessage, 'from'>) => Promise<void>) {
    this.#publish = publish;
  }

  add({ userId, run }: Change): void {
    if (run === undefined) {
      this.#users.add(userId);
      this.#sending ??= this.#send();
      return;
    }
    this.#runs.set(run.runId, { userId, run });
    this.#progressTimer ??= setTimeout(() => {
      this.#progressTimer = undefined;
      this.#progressDue = true;
      this.#sending ??= this.#send();
    }, PROGRESS_INTERVAL_MS);
  }

  /** Publishes what is left; at most for `ms`. */
  async close(ms: number): Promise<void> {
    clearTimeout(this.#progressTimer);
    this.#runs.clear();
    await Promise.race([this.#sending, sleep(ms, undefined, { ref: false })]);
  }

  async #send(): Promise<void> {
    // What this turn of the event loop still changes goes along.
    await nextTick();
    while (this.#users.size > 0 || this.#progressDue) {
      const users = [...this.#users];
      const runs = this.#progressDue
        ? [...this.#runs.values()].map(({ userId, run }) => [userId, run] as const)
        : [];
      this.#users.clear();
      if (this.#progressDue) this.#runs.clear();
      this.#progressDue = false;
      await this.#publish({ users, runs });
    }
    this.#sending = undefined;
  }
}
