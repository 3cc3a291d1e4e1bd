import type { Snippet } from '../../src/index.ts';

/** A snippet with what is marked in brackets. */
export function bracket({ text, highlights }: Snippet): string {
  return highlights
    .toReversed()
    .reduce(
      (told, { start, end }) => `${told.slice(0, start)}[${told.slice(start, end)}]${told.slice(end)}`,
      text,
    );
}
