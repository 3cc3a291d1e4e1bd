import { invalidField, QuestlogError } from '../../errors.ts';
import { MAX_ITEM_DEPTH } from '../../store/items/item-json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Of a member of the body: as deep as a list of items may be. */
const MAX_DEPTH = MAX_ITEM_DEPTH + 1;
/** No body has so many members; what is kept of each list takes a hundred bytes. */
const MAX_LISTS = 1_000;
/** The depth of the body's keys, and that of the elements of a list that is a member of it. */
const KEYS = 1;
const ELEMENTS = 2;

export interface JsonLimits {
  readonly maxValues: number;
  /** In a list that is a member of the body. */
  readonly maxItems: number;
}

/**
 * Looks at the bytes of JSON text as they come, before any of it is parsed: parsing keeps everybody else from the event
 * loop, and takes memory for each value. What is no JSON passes, for the parser to refuse.
 */
export class JsonScanner {
  readonly #limits: JsonLimits;
  /** Of each list that is a member of the body: where its brackets and the commas between its elements are. */
  readonly lists: number[][] = [];
  #values = 0;
  #depth = 0;
  #inString = false;
  #position = 0;
  /** The list that is open, if it is a member of the body. */
  #list: number[] | undefined;
  /** The last text that began at the depth of the body's keys. */
  #key = { start: 0, end: 0 };

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /** Objects, lists and separate members. What stands in strings does not count. */
  get values(): number {
    return this.#values;
  }

  /**
   * Goes on where it has stopped.
   *
   * @param body the bytes that were there before, and more.
   * @throws QuestlogError `payload_too_large` for too many values or items; `invalid_request` for what is too deep.
   */
  scan(body: Buffer): void {
    while (this.#position < body.length) {
      if (this.#inString) this.#skipText(body);
      else this.#scanStructure(body);
    }
  }

  #skipText(body: Buffer): void {
    let index = this.#position;
    for (; index < body.length && body[index] !== QUOTE; index += 1) {
      if (body[index] === BACKSLASH) index += 1;
    }
    this.#position = index + 1;
    // An escape at the end hides what comes next.
    this.#inString = index >= body.length;
    if (this.#inString) this.#position = index;
    else if (this.#depth === KEYS) this.#key.end = index + 1;
  }

  #scanStructure(body: Buffer): void {
    let index = this.#position;
    for (; index < body.length; index += 1) {
      const byte = body[index];
      if (byte === QUOTE) break;
      if (byte === COMMA) this.#comma(body, index);
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) this.#open(body, index, byte);
      else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) this.#close(index);
    }
    this.#position = index + 1;
    this.#inString = index < body.length;
    if (!this.#inString) this.#position = index;
    else if (this.#depth === KEYS) this.#key = { start: index, end: index };
  }

  #comma(body: Buffer, index: number): void {
    this.#count();
    if (this.#depth !== ELEMENTS || this.#list === undefined) return;
    this.#list.push(index);
    if (this.#list.length > this.#limits.maxItems)
      throw tooMany(this.#field(body), `has more than ${this.#limits.maxItems} items`);
  }

  #open(body: Buffer, index: number, byte: number): void {
    this.#count();
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH + 1)
      throw invalidField(this.#field(body), `is nested deeper than ${MAX_DEPTH} levels`);
    if (this.#depth !== ELEMENTS || byte !== OPENING_BRACKET) return;
    if (this.lists.length === MAX_LISTS) throw tooMany('body', `has more than ${MAX_LISTS} lists`);
    this.#list = [index];
    this.lists.push(this.#list);
  }

  #close(index: number): void {
    if (this.#depth === ELEMENTS) {
      this.#list?.push(index);
      this.#list = undefined;
    }
    this.#depth -= 1;
  }

  #count(): void {
    this.#values += 1;
    const { maxValues } = this.#limits;
    if (this.#values > maxValues) throw tooMany('body', `has more than ${maxValues} values`);
  }

  #field(body: Buffer): string {
    try {
      const key: unknown = JSON.parse(body.toString('utf8', this.#key.start, this.#key.end));
      return typeof key === 'string' ? key.slice(0, 80).toWellFormed() : 'body';
    } catch {
      return 'body';
    }
  }
}

function tooMany(field: string, message: string): QuestlogError {
  const subject = field === 'body' ? 'the body' : field;
  return new QuestlogError('payload_too_large', `${subject} ${message}`, { errors: [{ field, message }] });
}
