import { QuestlogError } from '../../errors.ts';

/** Of items in one statement, unless one item alone has more characters. */
const SLICE_ITEMS = 1_000;
const SLICE_CHARACTERS = 1_000_000;

/**
 * Items as the JSON text that is stored, checked and ready to write. A class, so that an object of the same shape in
 * a request is not taken for one.
 */
export class EncodedItems {
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }

  /** Of all the texts. */
  get characters(): number {
    return this.texts.reduce((sum, text) => sum + text.length, 0);
  }

  /** Whether one statement would keep the process from everybody else for long. */
  get isLarge(): boolean {
    return this.toSlices().length > 1;
  }

  /** In order, as many as one statement writes without keeping the process from everybody else for long. */
  toSlices(): EncodedItems[] {
    const slices: string[][] = [];
    let [slice, characters]: [string[], number] = [[], 0];
    for (const text of this.texts) {
      characters += text.length;
      if (slice.length === 0 || slice.length === SLICE_ITEMS || characters > SLICE_CHARACTERS) {
        [slice, characters] = [[], text.length];
        slices.push(slice);
      }
      slice.push(text);
    }
    return slices.map((texts) => new EncodedItems(texts));
  }
}

export const NO_ITEMS = new EncodedItems([]);

/**
 * The items as a JSON array of texts, of which the server parses each: whatever a text holds, it is one element, and an
 * item of no other chat in the statement (docs/decisions/023-item-texts.md).
 */
export function toJsonTexts(items: EncodedItems): string {
  return JSON.stringify(items.texts);
}

/** PGlite can drop rows without an error: what was not counted was not written. */
export function assertWritten(count: number | undefined, items: EncodedItems): void {
  if (count === items.texts.length) return;
  throw new QuestlogError('database_failed', `the database wrote ${count} of ${items.texts.length} items`);
}
