import { invalidField, QuestlogError } from '../../errors.ts';
import type { Turns } from '../../turns.ts';
import { EncodedItems } from './encoded-items.ts';

/** Deeper JSON makes PGlite drop the row without an error, or spin (docs/decisions/003-embedded-database.md). */
export const MAX_ITEM_DEPTH = 1_000;
/** The default limit of one item's JSON text: 10 MB of UTF-8. */
export const MAX_ITEM_BYTES = 10_000_000;

export interface EncodeOptions {
  /** The largest JSON text of one item, in bytes of UTF-8. */
  readonly maxItemBytes?: number | undefined;
  /** What errors call the list. */
  readonly field?: string;
  /** Keep `{ "__type": …, "data": … }` as it is: the items come from outside, already in their stored form. */
  readonly stored?: boolean;
}

/**
 * The stored form of items: the text of `JSON.stringify`, and for what it would lose: `Uint8Array` and `ArrayBuffer`
 * as `{ "__type", "data": base64 }` (the form the SDK uses in its run state), `-0` as `-0`.
 *
 * @throws QuestlogError `invalid_item` for a value JSON cannot carry, with its path; `item_too_large`. Nothing of the
 * items is kept.
 */
export function encodeItems(items: readonly unknown[], options: EncodeOptions = {}): EncodedItems {
  const field = options.field ?? 'items';
  if (!Array.isArray(items)) throw invalidField(field, 'must be a list');
  const limit = options.maxItemBytes ?? MAX_ITEM_BYTES;
  // Not `map`, which passes over what a list with holes does not have.
  return new EncodedItems(
    Array.from(items, (item, index) => encodeItem(item, `${field}[${index}]`, limit, options.stored)),
  );
}

/** As `encodeItems`, of what a user has sent, in turns with others. Nobody else may change the items meanwhile. */
export async function encodeInTurns(
  turns: Turns,
  userId: string,
  items: readonly unknown[],
  options: EncodeOptions & { readonly field: string },
): Promise<EncodedItems> {
  const { field, maxItemBytes = MAX_ITEM_BYTES, stored } = options;
  const encode = (item: unknown, index: number) =>
    encodeItem(item, `${field}[${index}]`, maxItemBytes, stored);
  return new EncodedItems(await turns.map(userId, items, encode));
}

/**
 * The JSON text of an object that holds nothing but what JSON has.
 *
 * @throws QuestlogError `invalid_item` for a value JSON cannot carry, with its path.
 */
export function encodeObject(value: object, field: string): string {
  return toText(value, new PlainCopy(field, false), true);
}

/** The item that a stored text holds. */
export function decodeItem<Item = unknown>(text: string): Item {
  const item: unknown = JSON.parse(text);
  // Without its first quote: a search for the character that JSON is full of takes 15 times as long.
  return (text.includes('__type"') ? revive(item) : item) as Item;
}

/** The items that stored texts hold. */
export function decodeItems<Item = unknown>(texts: readonly string[]): Item[] {
  return texts.map((text) => decodeItem<Item>(text));
}

function encodeItem(item: unknown, field: string, limit: number, stored = false): string {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) refuse([field], 'must be an object');
  const text = toText(item, new PlainCopy(field), stored);
  if (text.length > limit || (text.length * 3 > limit && Buffer.byteLength(text) > limit)) {
    const message = `is larger than the limit of ${limit} bytes`;
    throw new QuestlogError('item_too_large', `${field} ${message}`, { errors: [{ field, message }] });
  }
  return text;
}

/** What is checked is what is written: the text is made of a copy, of which each member has been read once. */
function toText(item: object, copy: PlainCopy, stored: boolean): string {
  try {
    const plain = copy.copy(item);
    return copy.isSpecial ? stringify(plain, stored) : JSON.stringify(plain);
  } catch (error) {
    if (error instanceof QuestlogError) throw error;
    // A member whose getter throws, or a proxy.
    return refuse([copy.field], 'cannot be read', error);
  }
}

type Path = (string | number)[];

/** Copies a value into plain objects and lists, whatever its own methods are, and refuses what JSON cannot carry. */
class PlainCopy {
  readonly field: string;
  readonly #takesBytes: boolean;
  readonly #path: Path;
  /** Whether `JSON.stringify` alone would change the copy. */
  isSpecial = false;

  constructor(field: string, takesBytes = true) {
    this.field = field;
    this.#takesBytes = takesBytes;
    this.#path = [field];
  }

  copy(value: unknown): unknown {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) refuse(this.#path, `is ${value}, which JSON cannot carry`);
      this.isSpecial ||= Object.is(value, -0);
      return value;
    }
    const path = this.#path;
    if (typeof value !== 'object') refuse(path, `is of type ${typeof value}, which JSON cannot carry`);
    if (path.length > MAX_ITEM_DEPTH) refuse(path, `is nested deeper than ${MAX_ITEM_DEPTH} levels`);
    if (this.#takesBytes && isBinary(value)) {
      this.isSpecial = true;
      return value;
    }
    assertPlain(value, path);
    return Array.isArray(value) ? this.#copyList(value) : this.#copyObject(value);
  }

  #copyList(list: readonly unknown[]): unknown[] {
    const { length } = list;
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) {
      this.#path.push(index);
      copy.push(this.copy(list[index]));
      this.#path.pop();
    }
    return copy;
  }

  #copyObject(value: object): object {
    const copy: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const member: unknown = Reflect.get(value, key);
      if (member === undefined) continue;
      this.#path.push(key);
      setMember(copy, key, this.copy(member));
      this.#path.pop();
    }
    this.isSpecial ||= isTag(copy);
    return copy;
  }
}

/** A key `__proto__` is one like any other. An object without a prototype would be so by itself, at four times the cost. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function assertPlain(value: object, path: Path): void {
  const tag = Object.prototype.toString.call(value);
  if (tag !== '[object Object]' && !Array.isArray(value))
    refuse(path, `is ${tag.slice(1, -1)}, which JSON cannot carry`);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    refuse(path, 'has a toJSON method, so it would not come back as it is');
  }
}

/** `['items[0]', 'content', 0, 'text']` → `items[0].content[0].text`, the middle of a long path left out. */
function refuse(path: Path, message: string, cause?: unknown): never {
  const shown = path.length <= 12 ? path : [...path.slice(0, 6), '…', ...path.slice(-3)];
  const field = shown
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step.slice(0, 80)}`,
    )
    .join('');
  throw new QuestlogError('invalid_item', `${field} ${message}`, { cause, errors: [{ field, message }] });
}

type Tagged = { readonly __type: 'Uint8Array' | 'ArrayBuffer' | 'Object'; readonly data: unknown };

function isBinary(value: object): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/** An application's own object of this shape is stored inside another tag, so that it comes back as it was. */
function isTag(value: object): value is Tagged {
  if (!('__type' in value) || Object.keys(value).length !== 2 || !Object.hasOwn(value, 'data')) return false;
  return value.__type === 'Uint8Array' || value.__type === 'ArrayBuffer' || value.__type === 'Object';
}

/** `JSON.stringify` for the few items that it would change. */
function stringify(value: unknown, stored: boolean): string {
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((element) => stringify(element, stored)).join(',')}]`;
  if (value instanceof ArrayBuffer) return tag('ArrayBuffer', base64(new Uint8Array(value)));
  if (value instanceof Uint8Array) return tag('Uint8Array', base64(value));
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${stringify(member, stored)}`);
  const text = `{${members.join(',')}}`;
  return isTag(value) && !stored ? tag('Object', text) : text;
}

function tag(type: Tagged['__type'], data: string): string {
  return `{"__type":"${type}","data":${data}}`;
}

function base64(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
}

/** Puts tagged values back. Changes `value` in place, because a copy could lose the order or a `__proto__` key. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const plain = isTag(value) ? untag(value) : value;
  if (plain instanceof Uint8Array || plain instanceof ArrayBuffer) return plain;
  for (const [key, member] of Object.entries(plain)) {
    const revived = revive(member);
    if (revived === member) continue;
    setMember(plain as Record<string, unknown>, key, revived);
  }
  return plain;
}

function untag(value: Tagged): object {
  if (value.__type === 'Object')
    return typeof value.data === 'object' && value.data !== null ? value.data : value;
  if (typeof value.data !== 'string') return value;
  const bytes = Buffer.from(value.data, 'base64');
  if (bytes.toString('base64') !== value.data) return value;
  const copy = Uint8Array.from(bytes);
  return value.__type === 'ArrayBuffer' ? copy.buffer : copy;
}
