import { isRefusal } from '../driver/sqlstate.ts';
import type { EncodedItems } from '../store/items/item-json.ts';

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

/** Waits for a statement of several appends. True when it is to be tried in halves: a part of it may be at fault alone. */
export async function isRefused(together: Promise<unknown>): Promise<boolean> {
  return together.then(() => false, isRefusal);
}

/** Few statements find the one that is refused among many. */
export function halvesOf<Append>(appends: readonly Append[]): readonly (readonly Append[])[] {
  const middle = Math.ceil(appends.length / 2);
  return [appends.slice(0, middle), appends.slice(middle)];
}
