import { ApiError } from './errors.ts';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** The part of a browser's window that tells of the network. */
interface Network {
  addEventListener?(type: 'online', listener: () => void): void;
  removeEventListener?(type: 'online', listener: () => void): void;
}

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): error is ApiError {
  return error instanceof ApiError && error.isPassing;
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
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  const ms = Math.max(leastMs, longest * (0.5 + Math.random() / 2));
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
