import { type ErrorCode, QuestlogError } from '../../errors.ts';

/** What is wrong with the call or its configuration: nothing was done, and it would fail again. */
const WRONG_CALLS: readonly ErrorCode[] = ['invalid_request', 'invalid_configuration'];

/** Ends the process with one line that says why, or with the stack of what should not happen. */
export function fail(error: unknown): never {
  const lines =
    error instanceof QuestlogError && error.code !== 'internal'
      ? [error.message, ...causeOf(error)]
      : [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  process.stderr.write(`questlog: ${lines.join(': ')}\n`);
  process.exit(error instanceof QuestlogError && WRONG_CALLS.includes(error.code) ? 2 : 1);
}

/** The driver's own words, which say whether the host, the password or the name is wrong. Ours are in the message. */
function causeOf(error: QuestlogError): string[] {
  const { cause } = error;
  if (cause instanceof QuestlogError) return [];
  return cause instanceof Error && cause.message !== '' ? [cause.message.split('\n')[0] ?? ''] : [];
}
