import type { EncodedItems } from '../store/item-json.ts';

/** So many characters of JSON are written together at most, unless one append alone has more. */
const MOST_CHARACTERS = 1_000_000;

/** How many of the first appends go into one statement: at least one. */
export function countTogether(appends: readonly { readonly items: EncodedItems }[]): number {
  let characters = 0;
  const end = appends.findIndex(({ items }, place) => {
    characters += items.characters;
    return place > 0 && characters > MOST_CHARACTERS;
  });
  return end === -1 ? appends.length : end;
}
