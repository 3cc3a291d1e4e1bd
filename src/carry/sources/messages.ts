import { QuestlogError } from '../../errors.ts';
import { toItemText } from '../check-entries.ts';
import type { Entry } from '../entries.ts';

/** An item of a history, or why the chat cannot be read. */
export function itemEntry(
  item: object,
  { position, createdAt }: { readonly position: number; readonly createdAt: string | undefined },
  maxItemBytes: number,
): Entry {
  const row = { position, createdAt, runId: null, isBlocked: false, feedback: null };
  try {
    return { type: 'item', ...row, text: toItemText(JSON.stringify(item), maxItemBytes) };
  } catch (error) {
    if (!(error instanceof QuestlogError)) throw error;
    return { type: 'broken', id: null, why: error.message };
  }
}

/** A message as the Agents SDK stores it. */
export function userMessage(text: string): object {
  return { type: 'message', role: 'user', content: text };
}

/** An answer as the Agents SDK stores it. */
export function assistantMessage(text: string): object {
  return {
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text }],
  };
}

/** A call that came to its end, and what came of it. */
export function toolCall(call: {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly output: unknown;
}): object[] {
  const { id: callId, name, input, output } = call;
  const called = { type: 'function_call', callId, name, status: 'completed', arguments: toText(input ?? {}) };
  if (output === undefined) return [called];
  const text = { type: 'text', text: toText(output) };
  return [called, { type: 'function_call_result', callId, name, status: 'completed', output: text }];
}

/** A text as it is, and anything else as JSON. */
export function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Seconds since 1970 as a time; undefined: they are none. */
export function fromSeconds(seconds: unknown): string | undefined {
  return fromMilliseconds(typeof seconds === 'number' ? seconds * 1_000 : Number.NaN);
}

/** A time of another system, in UTC where it does not say; undefined: it is none. */
export function fromTimeText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const zoned = /(Z|[+-]\d\d(:?\d\d)?)$/.test(text) ? text : `${text}Z`;
  return fromMilliseconds(Date.parse(zoned.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')));
}

const LAST_YEAR = Date.UTC(9_999, 11, 31);

function fromMilliseconds(time: number): string | undefined {
  return time >= 0 && time < LAST_YEAR ? new Date(time).toISOString() : undefined;
}
