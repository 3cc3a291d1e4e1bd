const DICE = String.raw`\d*d(?:\d+|%)!?(?:\s*[kd][hl]\d*)?`;
const IN_TEXT = new RegExp(String.raw`(?<!\w)${DICE}(?:\s*[+-]\s*(?:${DICE}|\d+))*(?!\w)`, 'i');

/** The first dice notation inside a text ("I attack with d20+5!"), not checked against the bounds. */
export function findDiceNotation(text: string): string | undefined {
  return IN_TEXT.exec(text)?.[0];
}
