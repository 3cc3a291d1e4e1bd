import { type ErrorCode, QuestlogError } from './errors.ts';

/** Their messages hold keys of an item. */
const QUOTING: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'invalid_item', 'item_too_large']);

/**
 * What a log may say of an error. A driver's error can quote the row: of what others threw, only names and codes are
 * written, or the diagnosis that was made of it.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof QuestlogError)) return describeForeign(error, true);
  return {
    code: error.code,
    ...(QUOTING.has(error.code) ? {} : { message: error.message }),
    ...describeCause(error),
  };
}

function describeCause({ code, cause, diagnosis }: QuestlogError): Record<string, unknown> {
  if (diagnosis !== undefined) return { cause: diagnosis };
  return cause === undefined ? {} : { cause: describeForeign(cause, WITH_STACK.has(code)) };
}

/** Mistakes in a program, ours or the embedder's. */
const WITH_STACK: ReadonlySet<ErrorCode> = new Set(['internal', 'run_failed']);

const CODES = [
  'code',
  'hostname',
  'status',
  'severity',
  'routine',
  'schema',
  'table',
  'column',
  'constraint',
] as const;

/** Of `fetch` it is the cause that says what went wrong. */
const MAX_CAUSES = 2;

function describeForeign(error: unknown, withStack: boolean, causes = MAX_CAUSES): Record<string, unknown> {
  if (error instanceof QuestlogError) return describeError(error);
  if (!(error instanceof Error)) return { type: typeof error };
  const known: Record<string, unknown> = { type: error.name };
  for (const name of CODES) {
    const value = Reflect.get(error, name);
    if (typeof value === 'string' || typeof value === 'number') known[name] = value;
  }
  if (causes > 0 && error.cause !== undefined) {
    known.cause = describeForeign(error.cause, withStack, causes - 1);
  }
  // The first line repeats the message.
  if (withStack) known.stack = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return known;
}
