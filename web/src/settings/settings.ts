import { Observable } from '../observable.ts';
import { readStored, STORED_PREFIX, store } from '../storage.ts';
import type { Language } from '../texts/languages.ts';

/** How the person wants the page to be, in this browser. What is not chosen follows the system. */
export interface Settings {
  readonly language?: Language | undefined;
}

/** Under which they are kept. */
export const SETTINGS = 'settings';

/** What the person has chosen, here or in another tab. */
export class SettingsStore {
  readonly chosen = new Observable(readSettings());

  choose(changes: Settings): void {
    this.chosen.update(changes);
    store(SETTINGS, this.chosen.get());
  }

  /** Follows what is chosen in other tabs. @returns ends it. */
  listen(): () => void {
    const onStorage = ({ key }: StorageEvent) => {
      if (key === STORED_PREFIX + SETTINGS) this.chosen.set(readSettings());
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }
}

function readSettings(): Settings {
  return readStored<Settings>(SETTINGS) ?? {};
}
