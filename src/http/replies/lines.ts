import type { NextPiece } from './chat-json.ts';

/** What is sent at once, in UTF-16 units; a longer line is sent as it is. */
const PIECE_CHARACTERS = 250_000;

/** Lines as a reply takes them. */
export function toPieces(lines: AsyncIterator<string>): NextPiece {
  return async () => {
    let text = '';
    while (text.length < PIECE_CHARACTERS) {
      const { value, done } = await lines.next();
      if (done) return { text, isLast: true };
      text += value;
    }
    return { text, isLast: false };
  };
}
