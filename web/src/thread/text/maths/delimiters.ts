/** Of one formula: what has no end is looked through so far for each that seems to begin in it. */
const MAX_CHARACTERS = 2_000;

const OPENER = /^(?:\$\$?|\\[([])/;
const CLOSERS: Readonly<Record<string, string>> = { $: '$', $$: '$$', '\\(': '\\)', '\\[': '\\]' };

const ENDS_ESCAPING = /(?<!\\)(?:\\\\)*\\$/;
const SIGNS = /[\\^_={}+<>]/;

/** Whether a text is a formula with its delimiters, before `next`: the one character behind it, or none. */
export function isFormula(text: string, next: string): boolean {
  const [opener = '', body = ''] = partsOf(text) ?? [];
  if (body.trim() === '') return false;
  switch (opener) {
    case '$':
      return !isMoney(body, next);
    case '$$':
      return true;
    // In Markdown these are brackets that are no link's, and parentheses.
    case '\\[':
      return SIGNS.test(body);
    default:
      return SIGNS.test(body) || !/[a-z]{3}/i.test(body);
  }
}

/** Whether a text may become a formula with `next`. */
export function isUnfinished(text: string, next: string): boolean {
  const isOpener = ENDS_ESCAPING.test(text) && (next === '(' || next === '[');
  if (text.startsWith('\\') && isOpener !== (text.length === 1)) return false;
  return text.length < MAX_CHARACTERS && partsOf(text) === undefined;
}

/** The opener of a text, and what stands between it and its closer; undefined: it does not end with that. */
function partsOf(text: string): readonly [opener: string, body: string] | undefined {
  const opener = OPENER.exec(text)?.[0] ?? '';
  const closer = CLOSERS[opener];
  if (closer === undefined || !text.endsWith(closer) || text.length < opener.length + closer.length)
    return undefined;
  const body = text.slice(opener.length, -closer.length);
  return ENDS_ESCAPING.test(body) ? undefined : [opener, body];
}

/**
 * A formula touches its dollars, and no digit comes behind it, as for pandoc; nor a letter, which is a variable's of a
 * shell, but for `$n$th`. What begins with an amount and has words is a sentence.
 */
function isMoney(body: string, next: string): boolean {
  if (/^\s|\s$/.test(body) || /[\d$]/.test(next)) return true;
  if (/[a-z_]/i.test(next) && !/^[a-z]$|\\/i.test(body)) return true;
  return /^[\d.,]+(?=.*\s[a-z]{2})(?!.*\\)/i.test(body);
}
