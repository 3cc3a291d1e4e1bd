import { type Queryable, query } from '../../driver/driver.ts';
import { foldWord } from './fold.ts';
import { cut, type Token } from './tokens.ts';

/** The languages whose words PostgreSQL 14 and newer can reduce to a stem, and its dictionaries for that. */
const DICTIONARIES = {
  ...{ ar: 'arabic', ca: 'catalan', da: 'danish', de: 'german', el: 'greek', en: 'english', es: 'spanish' },
  ...{ eu: 'basque', fi: 'finnish', fr: 'french', ga: 'irish', hi: 'hindi', hu: 'hungarian', hy: 'armenian' },
  ...{ id: 'indonesian', it: 'italian', lt: 'lithuanian', ne: 'nepali', nl: 'dutch', no: 'norwegian' },
  ...{ pt: 'portuguese', ro: 'romanian', ru: 'russian', sr: 'serbian', sv: 'swedish', ta: 'tamil' },
  ...{ tr: 'turkish', yi: 'yiddish' },
} as const;

/** A language whose words can be reduced to a stem, as ISO 639-1 calls it. */
export type StemLanguage = keyof typeof DICTIONARIES;

/** What `StemLanguage` may be. */
export const STEM_LANGUAGES: readonly string[] = Object.keys(DICTIONARIES).sort();

/** Stands before each stem, and in no word: the beginning of a word is none of a stem. */
const MARK = '~';

/** The stems of each word, as they are indexed: with their language, without the key of a user. */
export type Stems = ReadonlyMap<string, readonly string[]>;

/** What joins or parts letters, and is no letter. */
const SILENT = /[\u00ad\u200b-\u200d\u2060]/g;
/** Of numbers, emoji and scripts without spaces there are no stems. */
const WITH_STEM = /^[\p{L}\p{M}]+$/u;

/**
 * In which forms a word is reduced: as it is written, since endings have accents, and without accents, since people leave
 * them out.
 */
export function formsOf(text: string, { word, start, end, headEnd }: Token): string[] {
  if (headEnd !== undefined || !WITH_STEM.test(word)) return [];
  const written = cut(text.slice(start, end).normalize('NFKC').toLowerCase().replace(SILENT, ''));
  return written === word ? [word] : [written, word];
}

/** The stems of a word of a text that are indexed beside it: a word that is its own stem is there already. */
export function stemsOf(stems: Stems, text: string, token: Token): string[] {
  if (stems.size === 0) return [];
  const all = new Set(formsOf(text, token).flatMap((form) => stems.get(form) ?? []));
  return [...all].filter((stem) => toWord(stem) !== token.word);
}

/** What an index has of words with the stems that a word of a query has: those stems, and words that are their own. */
export function soughtStemsOf(stems: Stems, text: string, token: Token): string[] {
  const all = new Set(formsOf(text, token).flatMap((form) => stems.get(form) ?? []));
  const sought = new Set([...all].flatMap((stem) => [stem, toWord(stem)]));
  return [...sought].filter((stem) => stem !== token.word);
}

/** Without its mark and its language. */
function toWord(stem: string): string {
  return stem.slice(MARK.length + 2);
}

/** Reduces forms of words; a word without meaning, such as an article, has no stem. */
export async function readStems(
  db: Queryable,
  languages: readonly StemLanguage[],
  forms: Iterable<string>,
): Promise<Stems> {
  const words = [...new Set(forms)];
  if (languages.length === 0 || words.length === 0) return new Map();
  const dictionaries = languages.map((language) => `pg_catalog.${DICTIONARIES[language]}_stem`);
  const rows = await query<{ language: string; stems: string }>(db, {
    userId: null,
    text: `select l.language, (
        select json_agg((ts_lexize(l.dictionary::regdictionary, w.word))[1] order by w.nth)::text
        from unnest($1::text[]) with ordinality as w(word, nth)
      ) as stems from unnest($2::text[], $3::text[]) as l(language, dictionary)`,
    values: [words, languages, dictionaries],
  });
  const stems = new Map<string, string[]>(words.map((word) => [word, []]));
  for (const row of rows) {
    for (const [index, stem] of (JSON.parse(row.stems) as (string | null)[]).entries()) {
      if (stem !== null) stems.get(words[index] ?? '')?.push(`${MARK}${row.language}${foldWord(stem)}`);
    }
  }
  return stems;
}

/**
 * Languages as the format of an index has them: with the version of PostgreSQL, of which another one reduces some words
 * in another way.
 */
export async function toStemmers(db: Queryable, languages: readonly StemLanguage[]): Promise<string[]> {
  if (languages.length === 0) return [];
  const [row] = await query<{ version: number }>(db, {
    userId: null,
    text: `select current_setting('server_version_num')::int / 10000 as version`,
  });
  return languages.map((language) => `${language}${row?.version}`).sort();
}

/** @returns the languages among parts of a format. */
export function languagesOf(parts: readonly string[]): StemLanguage[] {
  return parts.map((part) => part.slice(0, 2)).filter((name) => name in DICTIONARIES) as StemLanguage[];
}
