/** A tool that does not listen to its signal is not waited for any longer than this. */
const ABORT_GRACE_MS = 500;

/** What `work` comes to; or why it was to end, when it does not heed the signal. */
export async function raceAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const deaf = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => reject(signal.reason), ABORT_GRACE_MS);
    });
  });
  try {
    return await Promise.race([work, deaf]);
  } finally {
    clearTimeout(timer);
  }
}
