/** Time, so that a test can let it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Does `work` once, so many milliseconds from now, unless the returned function is called before. */
  after(ms: number, work: () => void): () => void;
}

/** Node's timers take no longer one. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, Math.min(Math.max(ms, 0), MAX_TIMER_MS)).unref();
    return () => clearTimeout(timer);
  },
};
