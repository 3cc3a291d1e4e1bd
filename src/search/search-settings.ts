import { type Check, type Checks, checkOptions, optional } from '../options.ts';
import { STEM_LANGUAGES, type StemLanguage } from '../store/search/stems.ts';
import { type Embedder, mustBeEmbedder } from './meanings/embedder.ts';

/** How searches find, and how what they find is indexed: the same for all that search a database, if it can be. */
export interface SearchSettings {
  /**
   * Words that are reduced to the same stem fit, too, in each of these languages: with `['en']` "runs" finds "running".
   * In quotation marks a word is meant as it is written. At most 4. Default: none.
   */
  readonly stems?: readonly StemLanguage[] | undefined;
  /** What means the same is found, too, where a `SearchIndexer` has embedded it with this. Default: nothing is embedded. */
  readonly embedder?: Embedder | undefined;
}

/** Each of them makes the index larger. */
const MAX_STEM_LANGUAGES = 4;

/** What languages an option may name. */
export const isStems: Check = (value) => {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > MAX_STEM_LANGUAGES)
    return `must be a list of at most ${MAX_STEM_LANGUAGES} languages`;
  return value.every((language) => STEM_LANGUAGES.includes(language))
    ? undefined
    : `must be of ${STEM_LANGUAGES.join(', ')}`;
};

/** Of each setting, wherever they are taken. */
export const SEARCH_SETTINGS: Checks<SearchSettings> = {
  stems: isStems,
  embedder: optional(mustBeEmbedder),
};

/** @throws QuestlogError `invalid_request` naming the setting that is wrong. */
export function checkSettings(settings: SearchSettings = {}): void {
  checkOptions(settings, SEARCH_SETTINGS, { name: 'search', prefix: 'search.' });
}
