import { type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** Long enough for all files of a change, and for an editor that saves in several steps. */
const QUIET_MS = 100;

/**
 * Tells of changes of files, once for those that come together. It watches the folders that they are in: an editor may
 * save by putting another file in the place of the one that was there.
 */
export class FileWatcher {
  readonly #onChange: () => void;
  readonly #files = new Set<string>();
  /** By folder. */
  readonly #watchers = new Map<string, FSWatcher>();
  /** In these folders, whether watched or not, since they were last renewed. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  add(file: string): void {
    this.#files.add(file);
    this.#watch(dirname(file));
    // It is added after it was read: what came between must not be lost.
    if (this.#changed.has(file)) this.#settle();
  }

  /** Watches what is there by the names of the folders: one may have been put in the place of another. */
  renew(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#changed.clear();
    for (const file of this.#files) this.#watch(dirname(file));
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) return;
    const onEvent = (_event: string, name: string | null) => {
      const file = join(folder, name ?? '');
      this.#changed.add(file);
      if (name === null || this.#files.has(file)) this.#settle();
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

  #settle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onChange, QUIET_MS);
  }
}
