import { QuestlogError } from '../errors.ts';
import { assertId } from '../ids.ts';
import { MAX_TITLE_LENGTH } from '../store/chats/new-chat.ts';
import { MAX_METADATA_BYTES, MAX_TAG_LENGTH, MAX_TAGS } from '../store/chats/organisation.ts';
import { type Feedback, toFeedbackText } from '../store/items/chat-items.ts';
import { encodeItems, MAX_ITEM_BYTES, MAX_ITEM_DEPTH } from '../store/items/item-json.ts';

/** Says what of a chat is not as it was. */
export type Note = (what: string) => void;

/** Refuses what cannot be imported: of the chat alone. */
export function refuse(why: string): never {
  throw new QuestlogError('invalid_request', why);
}

type Check = (value: unknown, name: string, note: Note) => unknown;

/** What may be said of a chat, by column. */
const COLUMNS: Readonly<Record<string, Check>> = {
  title: (value, _name, note) => (value === null ? null : toTitle(value, note)),
  is_active: toBoolean,
  created_at: (value, name) => toTime(value, name),
  updated_at: (value, name) => toTime(value, name),
  next_position: (value, name) => toPosition(value, name),
  expires_at: (value, name) => (value === null ? null : toTime(value, name)),
  is_pinned: toBoolean,
  is_archived: toBoolean,
  tags: (value) => toTags(value),
  metadata: (value) => (value === null ? null : toObject(value, 'metadata')),
  forked_from: (value) => (value === null ? null : toObject(value, 'forked_from')),
};

function toTags(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_TAGS) refuse(`tags must be a list of at most ${MAX_TAGS}`);
  for (const tag of value) {
    if (typeof tag !== 'string' || tag === '' || tag.length > MAX_TAG_LENGTH || toStorable(tag) !== tag)
      refuse(`tags must be texts of 1 to ${MAX_TAG_LENGTH} characters`);
  }
  return [...new Set<string>(value)];
}

function toObject(value: unknown, field: string): unknown {
  encodeItems([value], { field, maxItemBytes: MAX_METADATA_BYTES, stored: true });
  return value;
}

/** The columns of a new chat that are known, each one checked. */
export function checkRow(row: Readonly<Record<string, unknown>>, note: Note): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    const check = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (check !== undefined) checked[name] = check(value, name, note);
    else if (value !== null) note(`${name.slice(0, 80)} is not known here`);
  }
  return checked;
}

/** A title that can be stored, and is not too long. */
function toTitle(value: unknown, note: Note): string {
  if (typeof value !== 'string') refuse('title must be a text');
  const storable = toStorable(value);
  if (storable !== value) note('the title has characters that cannot be stored');
  if (storable.length <= MAX_TITLE_LENGTH) return storable;
  note(`the title was cut to ${MAX_TITLE_LENGTH} characters`);
  return storable
    .slice(0, MAX_TITLE_LENGTH)
    .toWellFormed()
    .replace(/\ufffd$/, '');
}

/** As `assertText` wants it. */
function toStorable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\u0000', '')
    .replace(/^\ufeff+/, '');
}

const TIME = /^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

/** A moment, in UTC. */
export function toTime(value: unknown, name: string): string {
  if (typeof value === 'string' && TIME.test(value)) {
    const seconds = value.slice(0, 19);
    const time = new Date(`${seconds}Z`);
    // The 30th of February is a day to some.
    if (!Number.isNaN(time.getTime()) && time.toISOString().startsWith(seconds)) return value;
  }
  return refuse(`${name} must be a time such as 2026-11-30T12:00:00.000000Z`);
}

export function toPosition(value: unknown, name: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  return refuse(`${name} must be a position`);
}

/** The id of the run that an item is of. */
export function toRunId(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  assertId('run_id', value);
  return value;
}

export function toBoolean(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : refuse(`${name} must be true or false`);
}

/** What is stored of a feedback. */
export function toFeedback(value: unknown): string | null {
  return value === null || value === undefined ? null : toFeedbackText(value as Feedback);
}

/**
 * The text of an item as it is to be stored: that which was read, to the letter, where it says no more than what was
 * checked.
 */
export function toItemText(text: string, maxItemBytes: number = MAX_ITEM_BYTES): string {
  const item = parse(text, 'an item');
  const [encoded = ''] = encodeItems([item], { maxItemBytes, stored: true }).texts;
  if (encoded === text || !text.isWellFormed()) return encoded;
  // Numbers, spaces, the order of members, or one that is there twice.
  if (Buffer.byteLength(text) > maxItemBytes) refuse(`an item is larger than ${maxItemBytes} bytes`);
  if (depthOf(text) > MAX_ITEM_DEPTH) refuse(`an item is nested deeper than ${MAX_ITEM_DEPTH} levels`);
  return text.trim();
}

export function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(`${what} is not JSON`);
  }
}

/** How deep the brackets of a JSON text are nested. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && (character === '{' || character === '[')) deepest = Math.max(deepest, ++depth);
    else if (!inString && (character === '}' || character === ']')) depth -= 1;
  }
  return deepest;
}
