const ORPHAN_CHECK_INTERVAL_MS = 250;

/** npm puts a shell between itself and a script that does not begin with `exec`, and it does not pass signals on: it only dies. */
export function whenOrphaned(stopOnce: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stopOnce();
  }, ORPHAN_CHECK_INTERVAL_MS);
  timer.unref();
}
