import type { Queryable } from '../../driver/driver.ts';
import type { FoundEntry, FoundPlace } from '../../store/search/find-entries.ts';
import { findNear, readNear } from '../../store/search/meanings/embeddings.ts';
import { toStored } from '../../store/search/meanings/vectors.ts';
import type { Said } from '../../store/search/said.ts';
import { type Embedder, embedTexts, toModelFormat } from './embedder.ts';

/** How long a search waits for its query to be embedded. */
const EMBED_MS = 2_000;
/** The nearest that are ranked. */
const MAX_NEAR = 50;
/** How little the first places differ: the usual number of reciprocal rank fusion. */
const FLATNESS = 60;

/** An entry with what it says, where that has been read. */
export type RankedEntry = FoundEntry & { readonly said?: Said };

/** What means what is looked for, the nearest first; nothing when the query cannot be embedded. */
export async function findByMeaning(
  db: Queryable,
  userId: string,
  query: string,
  embedder: Embedder,
): Promise<RankedEntry[]> {
  const embedded = await embedTexts(embedder, [query], EMBED_MS).catch((error: unknown) => {
    embedder.onError?.(error);
    return [];
  });
  const [numbers] = embedded;
  if (numbers === undefined) return [];
  const near = await findNear(db, userId, toModelFormat(embedder), toStored(numbers));
  const alike = near.filter(({ likeness }) => likeness >= (embedder.minLikeness ?? 0)).slice(0, MAX_NEAR);
  const entries = await readNear(db, userId, alike);
  return entries.map((entry) => ({
    ...entry,
    role: entry.said.role,
    text: null,
    isThere: true,
    places: null,
    rank: 0,
  }));
}

/** Ranks by the places in each list: one that is in both comes before those that are as far up in one. */
export function rankTogether(lists: readonly (readonly RankedEntry[])[]): RankedEntry[] {
  const ranked = new Map<string, RankedEntry>();
  for (const list of lists) {
    for (const [index, entry] of list.entries()) {
      const key = `${entry.position} ${entry.chatId}`;
      const known = ranked.get(key);
      const rank = 1 / (FLATNESS + index + 1) + (known?.rank ?? 0);
      ranked.set(key, { ...(known ?? entry), rank });
    }
  }
  return [...ranked.values()].sort(compare);
}

/** The best first, then the newest. */
export function compare(one: FoundPlace, other: FoundPlace): number {
  return (
    other.rank - one.rank ||
    Number(other.moment) - Number(one.moment) ||
    Number(other.chatId > one.chatId) - Number(other.chatId < one.chatId) ||
    other.position - one.position
  );
}
