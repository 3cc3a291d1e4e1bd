import { Observable } from '../observable.ts';
import { readStored, store, storedKey } from '../storage.ts';
import { LANGUAGES } from '../texts/languages.ts';
import { SETTINGS, type Settings } from './settings.ts';

/** What there is to choose of; the first is how it is before the person has chosen. */
export const CHOICES: { readonly [Name in keyof Settings]: readonly [Settings[Name], ...Settings[Name][]] } =
  {
    theme: ['system', 'light', 'dark'],
    textSize: ['normal', 'small', 'large', 'largest'],
    language: ['system', ...LANGUAGES],
    sendKey: ['enter', 'mod-enter'],
    singleKeys: ['on', 'off'],
    notify: ['off', 'on'],
  };

/** What the person has chosen, here or in another tab. */
export class SettingsStore {
  readonly chosen = new Observable(readSettings());

  choose(changes: Partial<Settings>): void {
    this.chosen.update(changes);
    store(SETTINGS, this.chosen.get());
  }

  /** Follows what is chosen in other tabs. @returns ends it. */
  listen(): () => void {
    const onStorage = ({ key }: StorageEvent) => {
      // Null: all of it was cleared.
      if (key === null || key === storedKey(SETTINGS)) this.chosen.set(readSettings());
    };
    window.addEventListener('storage', onStorage);
    return () => window.removeEventListener('storage', onStorage);
  }
}

/** What an older or a newer page has kept may be no choice of this one. */
function readSettings(): Settings {
  const kept = readStored<Readonly<Record<string, unknown>>>(SETTINGS);
  const choices: [string, readonly [string, ...string[]]][] = Object.entries(CHOICES);
  const chosen = choices.map(([name, [first, ...others]]) => [
    name,
    others.find((choice) => choice === kept?.[name]) ?? first,
  ]);
  return Object.fromEntries(chosen) as Settings;
}
