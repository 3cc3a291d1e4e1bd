import { isFormula } from './delimiters.ts';

/** Of one formula. */
const MAX_CHARACTERS = 5_000;

const CODE_FENCE = /^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(`{3,}|~{3,})/;
const OPENING = /^([\s>]*)((?:[-*+]|\d+[.)])\s+)?(\$\$|\\\[)(.*)$/;
const LIST = /^[\s>]*(?:[-*+]|\d+[.)])\s/m;
const INDENTED_CODE = /^(?: {4}|\t)/;
const CLOSERS: Readonly<Record<string, string>> = { $$: '$$', '\\[': '\\]' };

/**
 * Makes a block of code in the language `math` of each formula that begins a line, `$$…$$` or `\[…\]`: as Markdown, a line
 * of it that begins with `-`, `=` or `>` would be a list, a heading or a quotation. What is in code, or has no end yet, stays.
 */
export function fenceFormulas(text: string): string {
  const lines = text.split('\n');
  const fenced: string[] = [];
  // Within a list, its items are indented so far.
  const hasIndentedCode = !LIST.test(text);
  let codeFence: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const fence = CODE_FENCE.exec(line)?.[1];
    if (codeFence !== undefined) {
      if (fence?.startsWith(codeFence) && line.trimEnd().endsWith(fence)) codeFence = undefined;
    } else if (fence !== undefined) codeFence = fence;
    const isCode = codeFence !== undefined || (hasIndentedCode && INDENTED_CODE.test(line));
    const formula = isCode ? undefined : readFormula(lines, at);
    if (formula === undefined) fenced.push(line);
    else {
      fenced.push(...formula.fenced);
      at = formula.last;
    }
  }
  return fenced.join('\n');
}

/** @returns undefined: at this line is none. `last`: the line with its end. */
function readFormula(lines: readonly string[], at: number) {
  const [, quote = '', bullet = '', opener = '', first = ''] = OPENING.exec(lines[at] ?? '') ?? [];
  const closer = CLOSERS[opener];
  if (closer === undefined) return undefined;
  const body: string[] = [];
  const prefix = quote + ' '.repeat(bullet.length);
  let characters = 0;
  for (let last = at; last < lines.length && characters <= MAX_CHARACTERS; last++) {
    const line = last === at ? first : (lines[last] ?? '');
    characters += line.length + 1;
    if (line.includes('```')) return undefined;
    const end = line.indexOf(closer);
    if (end === -1) {
      body.push(last === at ? prefix + line : line);
      continue;
    }
    const rest = line.slice(end + closer.length);
    // Words after it on the same line: it is in a sentence.
    if (last === at && (/[^\s.,;:!?]/.test(rest) || end === 0)) return undefined;
    body.push(last === at ? prefix + line.slice(0, end) : line.slice(0, end));
    if (!isFormula(opener + body.join(' ') + closer, '')) return undefined;
    const after = rest.trim() === '' ? [] : [prefix + rest.trim()];
    return { last, fenced: [`${quote}${bullet}\`\`\`math`, ...body, `${prefix}\`\`\``, ...after] };
  }
  return undefined;
}
