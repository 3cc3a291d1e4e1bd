/**
 * Marks that one leaves out when typing: accents, Hebrew points, Arabic vowels, variation selectors; and what joins or
 * stretches letters. Vowel signs of Indic and Thai scripts stay, and so do the voicing marks of Japanese: they make
 * another word.
 */
const LEFT_OUT = new RegExp(
  `[${[
    ...['\\u0300-\\u036f', '\\u0483-\\u0487', '\\u0591-\\u05c7', '\\u0640', '\\u064b-\\u065f', '\\u0670'],
    ...['\\u1ab0-\\u1aff', '\\u1dc0-\\u1dff', '\\u20d0-\\u20ff', '\\ufe00-\\ufe0f', '\\ufe20-\\ufe2f'],
    ...['\\u00ad', '\\u200b-\\u200d', '\\u2060'],
  ].join('')}]`,
  'g',
);

/** Letters that are not a letter with an accent to Unicode, and are to people. */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i', æ: 'ae', œ: 'oe', þ: 'th' },
  // At the end of a word.
  ς: 'σ',
};
const NOT_PLAIN = /[øłđðħŧıæœþς]/g;

/** A word as it is looked for: in small letters, without accents, in one form of those that look the same. */
export function foldWord(word: string): string {
  return word
    .normalize('NFKD')
    .replace(LEFT_OUT, '')
    .toUpperCase()
    .toLowerCase()
    .replace(NOT_PLAIN, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}\p{RI}]/gu, '');
}
