/** `localStorage`: between visits. `sessionStorage`: as long as the tab is open, in no other. */
type Place = 'localStorage' | 'sessionStorage';

const PLACES: readonly Place[] = ['localStorage', 'sessionStorage'];

/** What this browser keeps for the person. A browser that keeps nothing is no reason to fail. */
export function readStored<Value>(key: string, place: Place = 'localStorage'): Value | undefined {
  try {
    const text = window[place].getItem(`questlog:${key}`);
    return text === null ? undefined : (JSON.parse(text) as Value);
  } catch {
    return undefined;
  }
}

/** Keeps a value; undefined forgets it. */
export function store(key: string, value: unknown, place: Place = 'localStorage'): void {
  try {
    if (value === undefined) window[place].removeItem(`questlog:${key}`);
    else window[place].setItem(`questlog:${key}`, JSON.stringify(value));
  } catch {
    // Full, or forbidden by the person.
  }
}

/** Forgets everything: the next person at this browser must not find it. */
export function forgetStored(): void {
  try {
    for (const place of PLACES) {
      for (const key of Object.keys(window[place]))
        if (key.startsWith('questlog:')) window[place].removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}
