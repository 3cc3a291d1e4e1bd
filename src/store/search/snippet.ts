import { type Token, toTokens } from './tokens.ts';
import type { Phrase } from './words.ts';

/** A part of a text around the first place that matches. */
export interface Snippet {
  /** With `…` where there is more. */
  readonly text: string;
  /** What matches, in UTF-16 units of `text`, in order; the end is not included. */
  readonly highlights: readonly Highlight[];
}

/** From where to where. */
export interface Highlight {
  /** The first unit. */
  readonly start: number;
  /** Behind the last one. */
  readonly end: number;
}

const LENGTH = 200;
/** What of it stands before the first match. */
const BEFORE = 60;
/** Words that are looked through. */
const MAX_TOKENS = 16_000;

/** Where the words of a text have a stem, from 1 on. */
export type Places = ReadonlyMap<string, ReadonlySet<number>>;

/** Cuts the part of a text that a person wants to see. Each white space is a space. */
export function toSnippet(text: string, phrases: readonly Phrase[], places: Places = new Map()): Snippet {
  const found = findHighlights(text, phrases, places);
  const first = found[0]?.start ?? 0;
  const start =
    text.length <= LENGTH ? 0 : toEdge(text, Math.min(first - BEFORE, text.length - LENGTH), first);
  const end = toEnd(text, Math.min(text.length, start + LENGTH));
  const [before, behind] = [start > 0 ? '…' : '', end < text.length ? '…' : ''];
  const shift = before.length - start;
  return {
    text: `${before}${text.slice(start, end).replaceAll(/\s/g, ' ')}${behind}`,
    highlights: found
      .filter((range) => range.start >= start && range.start < end)
      .map((range) => ({ start: range.start + shift, end: Math.min(range.end, end) + shift })),
  };
}

/** Where the phrases are in a text, those that touch as one. */
function findHighlights(text: string, phrases: readonly Phrase[], places: Places): Highlight[] {
  const tokens = toTokens(text, MAX_TOKENS);
  const found = phrases.flatMap((phrase) => tokens.flatMap((_, at) => matchAt(tokens, at, phrase, places)));
  const merged: Highlight[] = [];
  for (const range of found.sort((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end) merged.push(range);
    else merged.splice(-1, 1, { start: last.start, end: Math.max(last.end, range.end) });
  }
  return merged;
}

/** @returns the words of a phrase that begins at this one, or none. */
function matchAt(tokens: readonly Token[], at: number, phrase: Phrase, places: Places): Highlight[] {
  const ranges: Highlight[] = [];
  for (const { word, distance, isPrefix, stems } of phrase) {
    const nth = at + distance - (phrase[0]?.distance ?? 0);
    const token = tokens[nth];
    if (token === undefined) return [];
    const isWritten = isPrefix ? token.word.startsWith(word) : token.word === word;
    if (!isWritten && !stems.some((stem) => places.get(stem)?.has(nth + 1))) return [];
    const isHead = isPrefix && token.headEnd !== undefined && token.word !== word;
    ranges.push({ start: token.start, end: isHead ? (token.headEnd ?? token.end) : token.end });
  }
  return ranges;
}

/** The beginning of a word near `from`, or no word: not in the middle of a letter. */
function toEdge(text: string, from: number, first: number): number {
  if (from <= 0) return 0;
  const space = text.slice(from, Math.min(from + BEFORE / 2, first)).search(/\s/);
  return space === -1 ? toEnd(text, from) : from + space + 1;
}

/** Not between the halves of a surrogate pair. */
function toEnd(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at + 1 : at;
}
