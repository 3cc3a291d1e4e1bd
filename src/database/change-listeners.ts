import type { Change, ChangeSink } from '../driver/changes.ts';

type Listener = (change: Change) => void;

/** The subscribers to what this process changes in a database; notified after the commit. */
export class ChangeListeners implements ChangeSink {
  readonly #listeners = new Set<Listener>();

  notify(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** @returns what ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
