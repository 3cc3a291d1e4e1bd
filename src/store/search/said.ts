import { decodeItem } from '../items/item-json.ts';

/** Who said something: the person, an agent, or a tool with what it was called with. */
export type Role = 'user' | 'assistant' | 'tool';

/** What an item says. */
export interface Said {
  readonly role: Role;
  readonly text: string;
}

/** Characters of an item: what is behind them is not found. */
const MAX_CHARACTERS = 200_000;
/** Of an item that is no message: nothing that anybody would look for. */
const NOT_SAID: ReadonlySet<string> = new Set([
  ...['type', 'id', 'callId', 'status', 'providerData', 'namespace', 'caller', 'mediaType', 'detail'],
]);
/** Thoughts of a model, and what stands for items that were left out. */
const SILENT: ReadonlySet<unknown> = new Set(['reasoning', 'compaction', 'item_reference']);

/** What an item's JSON text says. Undefined: nothing that can be looked for. */
export function readSaid(text: string): Said | undefined {
  const item = Object(decodeItem(text)) as Readonly<Record<string, unknown>>;
  const { type = 'message', role, content } = item;
  if (SILENT.has(type)) return undefined;
  if (type !== 'message') return toSaid('tool', [...stringsOf(item)]);
  if (role !== 'user' && role !== 'assistant') return undefined;
  return toSaid(role, typeof content === 'string' ? [content] : listOf(content).flatMap(textOfPart));
}

function toSaid(role: Role, texts: readonly string[]): Said {
  return { role, text: texts.join('\n').slice(0, MAX_CHARACTERS) };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text, a refusal, what was heard. */
function textOfPart(part: unknown): string[] {
  const { text, refusal, transcript } = Object(part) as Readonly<Record<string, unknown>>;
  return [text, refusal, transcript].filter((said) => typeof said === 'string');
}

/** All text in a value, but for files and pictures in it. */
function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    if (!value.startsWith('data:')) yield value;
  } else if (Array.isArray(value)) {
    for (const element of value) yield* stringsOf(element);
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const [name, member] of Object.entries(value)) if (!NOT_SAID.has(name)) yield* stringsOf(member);
  }
}
