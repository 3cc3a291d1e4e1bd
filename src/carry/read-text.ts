import { QuestlogError } from '../errors.ts';

/** The text of a file or a body, in pieces; bytes are UTF-8. */
export type TextSource = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** What is longer than that is not kept in memory. */
export interface TextLimit {
  readonly maxCharacters: number;
}

/** Pieces of text as text, without a byte order mark. */
export async function* decodeText(source: TextSource): AsyncGenerator<string, void, undefined> {
  // Iterating a string would give its characters one by one.
  if (typeof source === 'string') return yield source;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of source) {
      const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
      if (text !== '') yield text;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new QuestlogError('invalid_request', 'the source is not UTF-8', { cause: error });
  }
}

/**
 * How a text begins, behind white space: at least so many characters, if it has them.
 *
 * @returns that, and all of the text from there on.
 */
export async function peek(
  pieces: AsyncIterable<string>,
  characters: number,
): Promise<{ readonly begin: string; readonly all: AsyncGenerator<string, void, undefined> }> {
  const rest = pieces[Symbol.asyncIterator]();
  let begin = '';
  while (begin.length < characters) {
    const next = await rest.next();
    if (next.done) break;
    begin = (begin + next.value).trimStart();
  }
  return { begin, all: startWith(begin, rest) };
}

async function* startWith(
  begin: string,
  rest: AsyncIterator<string>,
): AsyncGenerator<string, void, undefined> {
  yield begin;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** The lines of a text, without their ends. Null: a line is too long. */
export async function* readLines(
  pieces: AsyncIterable<string>,
  { maxCharacters }: TextLimit,
): AsyncGenerator<string | null, void, undefined> {
  const line = new Bounded(maxCharacters);
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf('\n'); end !== -1; end = piece.indexOf('\n', from)) {
      line.add(piece.slice(from, end));
      from = end + 1;
      yield line.take();
    }
    line.add(piece.slice(from));
  }
  if (line.length > 0) yield line.take();
}

/**
 * The elements of a JSON list as texts, one after the other, and what is no list as its only one. Null: an element is too
 * long.
 *
 * @returns whether the list was there to its end.
 */
export async function* readElements(
  pieces: AsyncIterable<string>,
  { maxCharacters }: TextLimit,
): AsyncGenerator<string | null, boolean, undefined> {
  const element = new Bounded(maxCharacters);
  let [depth, isList, inString, isEscaped, isOver] = [0, false, false, false, false];
  for await (const piece of pieces) {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (code === BACKSLASH) isEscaped = true;
        else if (code === QUOTE) inString = false;
      } else if (code === QUOTE) inString = true;
      else if (code === OPEN_LIST && depth === 0 && !isList && isBlank(element, piece, from, at)) {
        [isList, from] = [true, at + 1];
        element.take();
      } else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
      else if (depth > 0 && (code === CLOSE_LIST || code === CLOSE_OBJECT)) depth -= 1;
      else if (isList && depth === 0 && (code === COMMA || code === CLOSE_LIST)) {
        element.add(piece.slice(from, at));
        from = at + 1;
        isOver = code === CLOSE_LIST;
        const text = element.take();
        if (text === null || text.trim() !== '') yield text;
      }
    }
    element.add(piece.slice(from));
  }
  const rest = element.take();
  if (rest === null || rest.trim() !== '') {
    if (!isList) yield rest;
    return !isList && depth === 0;
  }
  return isOver;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

function isBlank(before: Bounded, piece: string, from: number, at: number): boolean {
  return before.isBlank && piece.slice(from, at).trim() === '';
}

/** A text that grows to a limit: beyond it, it is forgotten. */
class Bounded {
  readonly #max: number;
  #parts: string[] = [];
  length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get isBlank(): boolean {
    return this.#parts.every((part) => part.trim() === '');
  }

  add(part: string): void {
    if (part === '') return;
    this.length += part.length;
    if (this.length > this.#max) this.#parts = [];
    else this.#parts.push(part);
  }

  take(): string | null {
    const text = this.length > this.#max ? null : this.#parts.join('');
    this.#parts = [];
    this.length = 0;
    return text;
  }
}
