import { ApiError } from './errors.ts';

const RETRY_DELAY_MS = { least: 250, most: 10_000 };

/** The part of a browser's window that tells of the network. */
interface Network {
  addEventListener?(type: 'online', listener: () => void): void;
  removeEventListener?(type: 'online', listener: () => void): void;
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): error is ApiError {
  return error instanceof ApiError && error.isPassing;
}

/** How long to wait after so many failures: longer each time, and not as long as everybody else. */
export function toDelayMs(
  failures: number,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  return Math.min(most, least * 2 ** failures) * (0.5 + Math.random() / 2);
}

/**
 * Waits before another try: longer each time, not as long as everybody else, and no longer than until the browser says
 * that the network is back.
 *
 * @param tries how many have failed before.
 * @param leastMs what the server asked for.
 * @throws the reason of `signal` when it is aborted.
 */
export async function backOff(tries: number, signal?: AbortSignal, leastMs = 0): Promise<void> {
  signal?.throwIfAborted();
  const ms = Math.max(leastMs, toDelayMs(tries, RETRY_DELAY_MS));
  const network = globalThis as Network;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      network.removeEventListener?.('online', end);
      signal?.removeEventListener('abort', end);
      resolve();
    }
    network.addEventListener?.('online', end);
    signal?.addEventListener('abort', end);
  });
  signal?.throwIfAborted();
}
