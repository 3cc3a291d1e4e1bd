import { createHash } from 'node:crypto';
import { formsOf, type Stems, soughtStemsOf, stemsOf } from './stems.ts';
import { type Token, toTokens } from './tokens.ts';

/** Words of a text that are indexed: PostgreSQL knows the places of no more than 16,383. */
const MAX_WORDS = 16_000;
/** A `tsvector` has at most a megabyte, half of which is for words as they are written. */
const MAX_BYTES = 500_000;
const MAX_BYTES_WITH_STEMS = 1_000_000;

/** What stands before each word of a user, so that an index of all users' words has theirs together. */
export function toKey(userId: string): string {
  return createHash('sha256').update(userId).digest('base64url').slice(0, 6);
}

/** How words are made: another number, and all chats are indexed anew. */
const VERSION = 1;

/** Says how, and for whom, the words of a chat were made, and with which stems. */
export function toFormat(userId: string, stemmers: readonly string[] = []): string {
  return `${toKey(userId)}.${toWay(stemmers).join('+')}`;
}

/** What of a format is the same for all users, in parts: an index that has more of them has all that is asked for. */
export function toWay(stemmers: readonly string[]): string[] {
  return [`${VERSION}`, ...stemmers];
}

/** The forms of all words of a text that are indexed, of which stems are made. */
export function* formsIn(text: string): Generator<string> {
  for (const token of toTokens(text, MAX_WORDS)) yield* formsOf(text, token);
}

/**
 * The words of a text with their places, as PostgreSQL reads a `tsvector`; undefined: it has none.
 *
 * @param stems of its words, which stand where the words do.
 * @param weight of all places: A counts ten times as much as none.
 */
export function toVector(
  key: string,
  text: string,
  stems: Stems = new Map(),
  weight: 'A' | '' = '',
): string | undefined {
  const places = new Map<string, number[]>();
  let [bytes, bytesOfStems] = [0, 0];
  const sizeOf = (word: string) => 4 + (places.has(word) ? 0 : Buffer.byteLength(word) + 16);
  const add = (word: string, index: number) => {
    const known = places.get(word) ?? [];
    places.set(word, known);
    // Of one word PostgreSQL keeps no more.
    if (known.length < 255) known.push(index + 1);
  };
  for (const [index, token] of toTokens(text, MAX_WORDS).entries()) {
    bytes += sizeOf(token.word);
    if (bytes > MAX_BYTES) break;
    add(token.word, index);
    for (const stem of stemsOf(stems, text, token)) {
      bytesOfStems += sizeOf(stem);
      if (bytesOfStems <= MAX_BYTES_WITH_STEMS - MAX_BYTES) add(stem, index);
    }
  }
  if (places.size === 0) return undefined;
  return [...places]
    .map(([word, at]) => `'${key}${word}':${at.map((place) => `${place}${weight}`).join(',')}`)
    .join(' ');
}

/** A part of what is looked for: words that stand at these distances from the first. */
export type Phrase = readonly PhraseWord[];

interface PhraseWord {
  readonly word: string;
  readonly distance: number;
  /** Whether it may go on: it is being typed, or is one letter of a script without spaces. */
  readonly isPrefix: boolean;
  /** A word with one of these fits, too. */
  readonly stems: readonly string[];
}

/** Words in quotation marks, or a word; the second mark may still have to be typed. */
const PARTS = /["“”„«»]([^"“”„«»]*)(["“”„«»]?)|([^\s"“”„«»]+)/gu;

/**
 * @param stems of its words; in quotation marks words are meant as they are written.
 * @returns each part, all of which a text must have, at most `limit`; the last word of all goes on, outside of marks.
 */
export function readQuery(query: string, limit: number, stems: Stems = new Map()): Phrase[] {
  const parts = [...query.matchAll(PARTS)].map(([, quoted, end, word]) => {
    const text = quoted ?? word ?? '';
    const tokens = toTokens(text, limit).map((token) => ({
      ...token,
      stems: quoted === undefined ? soughtStemsOf(stems, text, token) : [],
    }));
    return { tokens, isOpen: quoted === undefined || end === '' };
  });
  const found = parts.filter(({ tokens }) => tokens.length > 0).slice(0, limit);
  return found.map(({ tokens, isOpen }, index) => toPhrase(tokens, isOpen && index === found.length - 1));
}

function toPhrase(tokens: readonly (Token & Pick<PhraseWord, 'stems'>)[], isOpen: boolean): Phrase {
  return tokens.flatMap(({ word, end, headEnd, stems }, distance) => {
    const before = tokens[distance - 1];
    // The last letter of a line, which is in the word before, too.
    if (headEnd === end && before?.headEnd !== undefined && before.end === end) return [];
    const isLast = distance === tokens.length - 1;
    return [{ word, distance, isPrefix: headEnd === end || (isOpen && isLast), stems }];
  });
}

/** The stems of all words of a query, as an index has them. */
export function stemsIn(key: string, phrases: readonly Phrase[]): string[] {
  return [...new Set(phrases.flat().flatMap(({ stems }) => stems.map((stem) => `${key}${stem}`)))];
}

/** The phrases as PostgreSQL reads a `tsquery`. */
export function toTsquery(key: string, phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => `(${phrase.map((word, index) => toOperand(key, word, phrase[index - 1])).join(' ')})`)
    .join(' & ');
}

function toOperand(
  key: string,
  { word, distance, isPrefix, stems }: PhraseWord,
  before: PhraseWord | undefined,
): string {
  const step = before === undefined ? '' : `<${distance - before.distance}> `;
  const written = `'${key}${word}'${isPrefix ? ':*' : ''}`;
  // As it is written, too: what has it so comes first, and is found while an index is made anew.
  const all = [written, ...stems.map((stem) => `'${key}${stem}'`)].join(' | ');
  return `${step}${stems.length === 0 ? written : `(${all})`}`;
}
