import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Long enough for all files of a change, and for an editor that saves in several steps. */
const QUIET_MS = 100;

/**
 * Tells of changes of files, once for those that come together. It watches the folders that they are in: an editor may
 * save by putting another file in the place of the one that was there.
 */
export class FileWatcher {
  readonly #onChange: () => void;
  /** The names of the watched files in each folder. */
  readonly #folders = new Map<string, Set<string>>();
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  add(file: string): void {
    const folder = dirname(file);
    const names = this.#folders.get(folder) ?? new Set();
    this.#folders.set(folder, names.add(basename(file)));
    if (!this.#watchers.has(folder)) this.#watch(folder, names);
  }

  /** Watches what is there by the names of the folders: one may have been put in the place of another. */
  renew(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    for (const [folder, names] of this.#folders) this.#watch(folder, names);
  }

  #watch(folder: string, names: ReadonlySet<string>): void {
    const onEvent = (_event: string, name: string | null) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#onChange, QUIET_MS);
    };
    try {
      // Of a folder that goes away its files go first, which is a change.
      this.#watchers.set(
        folder,
        watch(folder, onEvent).on('error', () => {}),
      );
    } catch (error) {
      if (Reflect.get(Object(error), 'code') !== 'ENOENT') throw error;
    }
  }
}
