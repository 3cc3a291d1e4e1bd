import { foldWord } from './fold.ts';

/** A word of a text, as it is looked for, and where it stands. */
export interface Token {
  readonly word: string;
  /** In UTF-16 units of the text, the end not included. */
  readonly start: number;
  readonly end: number;
  /** Of scripts without spaces, where the word is a letter and the one behind it: the end of the first of them. */
  readonly headEnd?: number;
}

/** Longer ones are cut: nobody types them, and an index entry has a limit. */
const MAX_WORD = 64;

/** An emoji ends behind its skin tone, and behind what says that it is one: neither makes another word. */
const WORDS =
  /\p{RI}{2}|\p{Extended_Pictographic}\p{EMod}?\ufe0f?|[\p{L}\p{N}\p{M}\u00ad\u200b-\u200d\u2060]+/gu;

/** Letters of scripts that put no spaces between words, or leave them out. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hangul}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
/** A letter with its marks; half-width Japanese has voicing marks that are letters. */
const LETTERS = /.[\p{M}\uff9e\uff9f]*/gsu;

/**
 * The words of a text in their order, at most `limit`. Where a script has no spaces, each letter makes a word with the one
 * behind it, and the last one a word of its own: what people look for there are parts of a line.
 */
export function toTokens(text: string, limit: number): Token[] {
  const tokens: Token[] = [];
  for (const { 0: run, index } of text.matchAll(WORDS)) {
    if (tokens.length >= limit) break;
    if (UNSPACED.test(run)) addUnspaced(tokens, run, index);
    else addWord(tokens, run, index);
  }
  return tokens.slice(0, limit);
}

function addWord(tokens: Token[], run: string, start: number): void {
  const word = cut(foldWord(run));
  const end = start + run.length;
  if (word !== '') tokens.push({ word, start, end });
}

/** A run may have words of other scripts in it, such as numbers. */
function addUnspaced(tokens: Token[], run: string, offset: number): void {
  let letters: (Token & { readonly headEnd: number })[] = [];
  let spaced = '';
  let spacedAt = 0;
  const endSpaced = () => {
    if (spaced !== '') addWord(tokens, spaced, offset + spacedAt);
    spaced = '';
  };
  const endLetters = () => {
    for (const [index, letter] of letters.entries()) {
      const { word, end } = letters[index + 1] ?? { word: '', end: letter.end };
      tokens.push({ ...letter, word: cut(letter.word + word), end });
    }
    letters = [];
  };
  for (const { 0: letter, index } of run.matchAll(LETTERS)) {
    if (UNSPACED.test(letter)) {
      endSpaced();
      const [start, end] = [offset + index, offset + index + letter.length];
      const word = foldWord(letter);
      if (word !== '') letters.push({ word, start, end, headEnd: end });
    } else {
      endLetters();
      if (spaced === '') spacedAt = index;
      spaced += letter;
    }
  }
  endSpaced();
  endLetters();
}

/** The beginning of a word, as far as it is looked at. */
export function cut(word: string): string {
  return word.length > MAX_WORD ? [...word].slice(0, MAX_WORD).join('') : word;
}
