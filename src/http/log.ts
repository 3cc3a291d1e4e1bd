import { QuestlogError } from '../errors.ts';

/**
 * What a log may say of an error. A driver's error can quote the row, a provider's the prompt: of what others threw,
 * only names and codes are written.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof QuestlogError)) return describeForeign(error, true);
  return {
    code: error.code,
    message: error.message,
    ...(error.cause === undefined ? {} : { cause: describeForeign(error.cause, error.code === 'internal') }),
  };
}

const CODES = ['code', 'status', 'severity', 'routine', 'schema', 'table', 'column', 'constraint'] as const;

function describeForeign(error: unknown, withStack: boolean): Record<string, unknown> {
  if (error instanceof QuestlogError) return describeError(error);
  if (!(error instanceof Error)) return { type: typeof error };
  const known: Record<string, unknown> = { type: error.name };
  for (const name of CODES) {
    const value = Reflect.get(error, name);
    if (typeof value === 'string' || typeof value === 'number') known[name] = value;
  }
  // The first line repeats the message.
  if (withStack) known.stack = error.stack?.split('\n').filter((line) => line.startsWith('    at '));
  return known;
}
