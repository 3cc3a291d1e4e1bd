/** What this browser keeps for the person between visits. A browser that keeps nothing is no reason to fail. */
export function readStored<Value>(key: string): Value | undefined {
  try {
    const text = localStorage.getItem(`questlog:${key}`);
    return text === null ? undefined : (JSON.parse(text) as Value);
  } catch {
    return undefined;
  }
}

/** Keeps a value; undefined forgets it. */
export function store(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`questlog:${key}`);
    else localStorage.setItem(`questlog:${key}`, JSON.stringify(value));
  } catch {
    // Full, or forbidden by the person.
  }
}

/** Forgets everything: the next person at this browser must not find it. */
export function forgetStored(): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith('questlog:')) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
