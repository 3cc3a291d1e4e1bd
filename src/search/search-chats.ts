import type { Queryable } from '../driver/driver.ts';
import { invalidField } from '../errors.ts';
import { assertId, assertText } from '../ids.ts';
import { type Checks, checkOptions, isAnything } from '../options.ts';
import {
  type EntryQuery,
  type FoundEntry,
  type FoundPlace,
  findEntries,
} from '../store/search/find-entries.ts';
import { getItemText } from '../store/search/item-text.ts';
import { type Role, readSaid } from '../store/search/said.ts';
import { TITLE } from '../store/search/search-entries.ts';
import { type Places, type Snippet, toSnippet } from '../store/search/snippet.ts';
import { readStems } from '../store/search/stems.ts';
import { formsIn, type Phrase, readQuery, stemsIn, toKey, toTsquery } from '../store/search/words.ts';
import { catchUp } from './catch-up.ts';
import { compare, findByMeaning, type RankedEntry, rankTogether } from './meanings/rank-together.ts';
import { SEARCH_SETTINGS, type SearchSettings } from './search-settings.ts';

/** The longest query, in UTF-16 units. */
export const MAX_QUERY_LENGTH = 500;
/** The most results of one call. */
export const MAX_RESULTS = 50;
/** Words of a query, and of one in quotation marks; what is behind them is not looked at. */
const MAX_WORDS = 32;
/** Of what has the words so many are ranked together with what means the same. */
const MAX_BY_WORDS = 200;
/** Words as they are written are looked for. */
const QUOTED = /["“”„«»]/;
/** How long a search waits for what is not indexed yet. */
const CATCH_UP_MS = 400;

/** A place in the results: the one behind which to go on. */
export type SearchCursor = FoundPlace;

/** What is looked for. */
export interface SearchOptions extends SearchSettings {
  /** Words, all of which a title or an item has; the last one may go on. `"in quotation marks"`: one behind the other. */
  readonly query: string;
  /** 1 to 50. Default: 20. */
  readonly limit?: number | undefined;
  /** Also what tools were called with, and what they gave. Default: false. */
  readonly tools?: boolean | undefined;
  /** `next` of the results before. */
  readonly after?: SearchCursor | undefined;
}

/** A title, or what somebody said, that has what was looked for. */
export interface SearchResult {
  /** Where it is. */
  readonly chatId: string;
  /** Of the chat. */
  readonly title: string | null;
  /** The item's. Null: it is the title. */
  readonly position: number | null;
  /** Null: it is the title. */
  readonly role: Role | null;
  /** When it was said, or the chat was made. */
  readonly createdAt: Date;
  /** How well it fits: comparable within one search. */
  readonly rank: number;
  /** The text around the first place that fits. */
  readonly snippet: Snippet;
}

/** What was found, the best first. */
export interface SearchResults {
  /** A page of it. */
  readonly results: SearchResult[];
  /** For `after` of the next results. Undefined: there are no more. */
  readonly next: SearchCursor | undefined;
  /** False: not all of the user's chats are indexed yet. */
  readonly isComplete: boolean;
}

const OPTIONS: Checks<SearchOptions> = {
  query: isAnything,
  limit: isAnything,
  tools: isAnything,
  ...SEARCH_SETTINGS,
  after: isAnything,
};

/**
 * Finds titles of a user's active chats, and what was said in them. What was just written is found, too.
 *
 * @throws QuestlogError `invalid_request` naming the option that is wrong.
 * @example
 * const { results } = await searchChats(db, userId, { query: 'the "sunless citadel" gob' });
 */
export async function searchChats(
  db: Queryable,
  userId: string,
  options: SearchOptions,
): Promise<SearchResults> {
  assertId('user_id', userId);
  checkSearch(options);
  const { query, limit = 20, tools = false, stems: languages = [], embedder, after } = options;
  const phrases = readQuery(query, MAX_WORDS, await readStems(db, languages, formsIn(query)));
  if (phrases.length === 0) return { results: [], next: undefined, isComplete: true };
  const isComplete = await catchUp(db, userId, CATCH_UP_MS, { languages });
  const key = toKey(userId);
  const byWords = {
    words: toTsquery(key, phrases),
    stems: stemsIn(key, phrases),
    hasPhrase: phrases.some(({ length }) => length > 1),
    withTools: tools,
  };
  const found =
    embedder === undefined || QUOTED.test(query)
      ? await findEntries(db, userId, { ...byWords, limit: limit + 1, after })
      : await findByBoth(db, userId, { ...byWords, limit: MAX_BY_WORDS, after: undefined }, options);
  const page = found.slice(0, limit);
  const results = await Promise.all(page.map((entry) => toResult(db, userId, entry, phrases)));
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    results: results.filter((result) => result !== undefined),
    next: last && toPlace(last),
    isComplete,
  };
}

/** What has the words and what means the same, behind `after`: with each page they are ranked anew. */
async function findByBoth(
  db: Queryable,
  userId: string,
  byWords: EntryQuery,
  { query, embedder, limit = 20, after }: SearchOptions,
): Promise<RankedEntry[]> {
  const [words, meanings] = await Promise.all([
    findEntries(db, userId, byWords),
    embedder === undefined ? [] : findByMeaning(db, userId, query, embedder),
  ]);
  const ranked = rankTogether([words, meanings]);
  return ranked.filter((entry) => after === undefined || compare(after, entry) < 0).slice(0, limit + 1);
}

function checkSearch(options: SearchOptions): void {
  checkOptions(options, OPTIONS);
  const { query, limit = 1, tools = false, after } = options;
  if (typeof query !== 'string') throw invalidField('query', 'must be a text');
  assertText('query', query);
  if (query.length > MAX_QUERY_LENGTH) {
    throw invalidField('query', `must be at most ${MAX_QUERY_LENGTH} characters`);
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RESULTS) {
    throw invalidField('limit', `must be a whole number from 1 to ${MAX_RESULTS}`);
  }
  if (typeof tools !== 'boolean') throw invalidField('tools', 'must be true or false');
  if (after !== undefined && !isPlace(after)) throw invalidField('after', 'must be `next` of other results');
}

/** It usually comes back from outside. */
export function isPlace(value: unknown): value is SearchCursor {
  const { rank, moment, chatId, position } = Object(value) as Partial<Record<keyof SearchCursor, unknown>>;
  return (
    Number.isFinite(rank) &&
    typeof moment === 'string' &&
    /^-?\d{1,17}$/.test(moment) &&
    typeof chatId === 'string' &&
    chatId.isWellFormed() &&
    !chatId.includes('\u0000') &&
    Number.isSafeInteger(position)
  );
}

function toPlace({ rank, moment, chatId, position }: FoundPlace): SearchCursor {
  return { rank, moment, chatId, position };
}

function toPlaces(key: string, found: FoundEntry['places']): Places {
  return new Map(Object.entries(found ?? {}).map(([stem, at]) => [stem.slice(key.length), new Set(at)]));
}

/** Undefined: the item has been taken out since it was indexed. */
async function toResult(
  db: Queryable,
  userId: string,
  { chatId, title, position, role, createdAt, rank, text, isThere, places: found, said: read }: RankedEntry,
  phrases: readonly Phrase[],
): Promise<SearchResult | undefined> {
  const result = { chatId, title, createdAt, rank };
  const places = toPlaces(toKey(userId), found);
  if (position === TITLE || role === 'title') {
    return { ...result, position: null, role: null, snippet: toSnippet(title ?? '', phrases, places) };
  }
  if (!isThere) return undefined;
  const item = read === undefined ? (text ?? (await getItemText(db, userId, chatId, position))) : undefined;
  const said = read ?? (item === undefined ? undefined : readSaid(item));
  return said && { ...result, position, role: said.role, snippet: toSnippet(said.text, phrases, places) };
}
