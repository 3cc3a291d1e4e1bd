import { type ErrorCode, QuestlogError } from './errors.ts';

/** Their messages hold keys of an item. */
const QUOTING: ReadonlySet<ErrorCode> = new Set(['invalid_request', 'invalid_item', 'item_too_large']);

/**
 * What a log may say of an error. A driver's error can quote the row: of what others threw, only names and codes are
 * written, or the diagnosis that was made of it.
 */
export function describeError(error: unknown): Record<string, unknown> {
  return describe(error, true, MAX_CAUSES);
}

function describe(error: unknown, withStack: boolean, causes: number): Record<string, unknown> {
  return error instanceof QuestlogError
    ? describeOwn(error, causes)
    : describeForeign(error, withStack, causes);
}

function describeOwn({ code, message, cause, diagnosis }: QuestlogError, causes: number) {
  return {
    code,
    ...(QUOTING.has(code) ? {} : { message }),
    ...(diagnosis === undefined ? describeCause(cause, WITH_STACK.has(code), causes) : { cause: diagnosis }),
  };
}

/** Nothing where there is none, or too many stand before it. */
function describeCause(cause: unknown, withStack: boolean, causes: number): Record<string, unknown> {
  return cause === undefined || causes === 0 ? {} : { cause: describe(cause, withStack, causes - 1) };
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

/** Of `fetch` it is the cause that says what went wrong, below an error of ours. Of a chain that is a circle there is no end. */
const MAX_CAUSES = 3;

function describeForeign(error: unknown, withStack: boolean, causes: number): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const known: Record<string, unknown> = { type: error.name };
  for (const name of CODES) {
    const value = Reflect.get(error, name);
    if (typeof value === 'string' || typeof value === 'number') known[name] = value;
  }
  Object.assign(known, describeCause(error.cause, withStack, causes));
  // The first line repeats the message.
  if (withStack) known.stack = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return known;
}
