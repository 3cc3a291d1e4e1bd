import { createHash } from 'node:crypto';
import { type Token, toTokens } from './tokens.ts';

/** Words of a text that are indexed: PostgreSQL knows the places of no more than 16,383. */
const MAX_WORDS = 16_000;
/** A `tsvector` has at most a megabyte. */
const MAX_BYTES = 500_000;

/** What stands before each word of a user, so that an index of all users' words has theirs together. */
export function toKey(userId: string): string {
  return createHash('sha256').update(userId).digest('base64url').slice(0, 6);
}

/** How words are made: another number, and all chats are indexed anew. */
const VERSION = 1;

/** Says how, and for whom, the words of a chat were made. */
export function toFormat(userId: string): string {
  return `${toKey(userId)}.${VERSION}`;
}

/**
 * The words of a text with their places, as PostgreSQL reads a `tsvector`; undefined: it has none.
 *
 * @param weight of all places: A counts ten times as much as none.
 */
export function toVector(key: string, text: string, weight: 'A' | '' = ''): string | undefined {
  const places = new Map<string, number[]>();
  let bytes = 0;
  for (const [index, { word }] of toTokens(text, MAX_WORDS).entries()) {
    bytes += 4 + (places.has(word) ? 0 : Buffer.byteLength(word) + 16);
    if (bytes > MAX_BYTES) break;
    const known = places.get(word) ?? [];
    places.set(word, known);
    // Of one word PostgreSQL keeps no more.
    if (known.length < 255) known.push(index + 1);
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
}

/** Words in quotation marks, or a word; the second mark may still have to be typed. */
const PARTS = /["“”„«»]([^"“”„«»]*)(["“”„«»]?)|([^\s"“”„«»]+)/gu;

/** @returns each part, all of which a text must have, at most `limit`; the last word of all goes on, outside of marks. */
export function readQuery(query: string, limit: number): Phrase[] {
  const parts = [...query.matchAll(PARTS)].map(([, quoted, end, word]) => ({
    tokens: toTokens(quoted ?? word ?? '', limit),
    isOpen: quoted === undefined || end === '',
  }));
  const found = parts.filter(({ tokens }) => tokens.length > 0).slice(0, limit);
  return found.map(({ tokens, isOpen }, index) => toPhrase(tokens, isOpen && index === found.length - 1));
}

function toPhrase(tokens: readonly Token[], isOpen: boolean): Phrase {
  return tokens.flatMap(({ word, end, headEnd }, distance) => {
    const before = tokens[distance - 1];
    // The last letter of a line, which is in the word before, too.
    if (headEnd === end && before?.headEnd !== undefined && before.end === end) return [];
    const isLast = distance === tokens.length - 1;
    return [{ word, distance, isPrefix: headEnd === end || (isOpen && isLast) }];
  });
}

/** The phrases as PostgreSQL reads a `tsquery`. */
export function toTsquery(key: string, phrases: readonly Phrase[]): string {
  return phrases
    .map((phrase) => `(${phrase.map((word, index) => toOperand(key, word, phrase[index - 1])).join(' ')})`)
    .join(' & ');
}

function toOperand(
  key: string,
  { word, distance, isPrefix }: PhraseWord,
  before: PhraseWord | undefined,
): string {
  const step = before === undefined ? '' : `<${distance - before.distance}> `;
  return `${step}'${key}${word}'${isPrefix ? ':*' : ''}`;
}
