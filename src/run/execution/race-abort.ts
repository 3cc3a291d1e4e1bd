/** The grace period of a tool that does not listen to its signal. */
const ABORT_GRACE_MS = 500;

/** Awaits `work`; rejects with the signal's reason when `work` goes on for longer than a grace period after the abort. */
export async function raceAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => reject(signal.reason), ABORT_GRACE_MS);
    });
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
