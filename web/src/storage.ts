import { ownName } from './config.ts';

/** `localStorage`: between visits. `sessionStorage`: as long as the tab is open, in no other. */
type Place = 'localStorage' | 'sessionStorage';

const PLACES: readonly Place[] = ['localStorage', 'sessionStorage'];

/** What this browser keeps for the person. A browser that keeps nothing is no reason to fail. */
export function readStored<Value>(key: string, place: Place = 'localStorage'): Value | undefined {
  try {
    const text = window[place].getItem(storedKey(key));
    return text === null ? undefined : (JSON.parse(text) as Value);
  } catch {
    return undefined;
  }
}

/** The browser's name of a key. */
export function storedKey(key: string): string {
  return ownName(`:${key}`);
}

/** All that is kept under keys that begin so. */
export function listStored<Value>(prefix: string): Value[] {
  return keysWith(prefix).flatMap((key) => {
    const value = readStored<Value>(key);
    return value === undefined ? [] : [value];
  });
}

/** The keys that begin so. */
export function keysWith(prefix: string): string[] {
  return storedKeys('localStorage').filter((key) => key.startsWith(prefix));
}

/** Whether a text, such as an id, stands in anything that is kept. */
export function isMentioned(text: string): boolean {
  return PLACES.some((place) =>
    storedKeys(place).some((key) => JSON.stringify(readStored(key, place) ?? '').includes(text)),
  );
}

/** Keeps a value; undefined forgets it. @returns false: the storage is full, or forbidden by the person. */
export function store(key: string, value: unknown, place: Place = 'localStorage'): boolean {
  try {
    if (value === undefined) window[place].removeItem(storedKey(key));
    else window[place].setItem(storedKey(key), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Forgets everything but what is kept under some keys: the next person at this browser must not find it. */
export function forgetStored(...kept: readonly string[]): void {
  for (const place of PLACES)
    for (const key of storedKeys(place)) if (!kept.includes(key)) store(key, undefined, place);
}

function storedKeys(place: Place): string[] {
  try {
    const prefix = storedKey('');
    const keys = Object.keys(window[place]).filter((key) => key.startsWith(prefix));
    return keys.map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}
