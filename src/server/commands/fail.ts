import { QuestlogError } from '../../errors.ts';

/** Ends the process with one line that says why, or with the stack of what should not happen. */
export function fail(error: unknown, exitCode = 1): never {
  const lines =
    error instanceof QuestlogError && error.code !== 'internal'
      ? [error.message, ...causeOf(error)]
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  process.stderr.write(`questlog: ${lines.join(': ')}\n`);
  process.exit(exitCode);
}

/** The driver's own words, which say whether the host, the password or the name is wrong. Ours are in the message. */
function causeOf(error: QuestlogError): string[] {
  const { cause } = error;
  if (cause instanceof QuestlogError) return [];
  return cause instanceof Error && cause.message !== '' ? [cause.message.split('\n')[0] ?? ''] : [];
}
