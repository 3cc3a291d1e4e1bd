/** How often a visible page asks, whatever it has heard. */
const INTERVAL_MS = 15_000;

/** A note that something of the user's has changed; without an id it may be anything. */
export interface Change {
  readonly chatId?: string | undefined;
}

const channel = new BroadcastChannel('questlog-changes');

/** Tells the user's other tabs in this browser. */
export function announceChange(change: Change): void {
  channel.postMessage(change);
}

/**
 * Where the page hears of changes that were not made here: from other tabs, when the person comes back to this one,
 * when the network does, and now and then.
 *
 * @returns ends it.
 */
export function watchChanges(onChange: (change: Change) => void): () => void {
  const left = new AbortController();
  const { signal } = left;
  const ask = () => {
    if (document.visibilityState === 'visible') onChange({});
  };
  channel.addEventListener('message', ({ data }) => onChange(data as Change), { signal });
  document.addEventListener('visibilitychange', ask, { signal });
  window.addEventListener('focus', ask, { signal });
  window.addEventListener('online', ask, { signal });
  const timer = setInterval(ask, INTERVAL_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
  return () => left.abort();
}
