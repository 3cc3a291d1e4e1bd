import { de } from './de.ts';
import { en, type Texts } from './en.ts';

/** The languages of the page, each by its own name. */
export const LANGUAGES = {
  en: { name: 'English', texts: en },
  de: { name: 'Deutsch', texts: de },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly texts: Texts }>>;

/** A tag of BCP 47. */
export type Language = keyof typeof LANGUAGES;

/** How the page speaks to a person. */
export interface Speech {
  readonly language: Language;
  /** The language with its region, for dates: `en-GB` and `en-US` do not write them alike. */
  readonly locale: string;
  readonly texts: Texts;
}

/**
 * The language that the person has chosen, the first of those that their browser asks for, or English.
 *
 * @param preferred as in `navigator.languages`.
 */
export function chooseSpeech(chosen: Language | undefined, preferred: readonly string[]): Speech {
  // Some systems put into the list what is no tag, such as `en-US@posix`.
  const tags = preferred.filter(isTag);
  const language = [chosen, ...tags.map(languageOf)].find(isSpoken) ?? 'en';
  const locale = tags.find((tag) => languageOf(tag) === language) ?? language;
  return { language, locale, texts: LANGUAGES[language].texts };
}

function isSpoken(language: string | undefined): language is Language {
  return language !== undefined && Object.hasOwn(LANGUAGES, language);
}

function languageOf(tag: string): string {
  return new Intl.Locale(tag).language;
}

function isTag(text: string): boolean {
  try {
    return new Intl.Locale(text) instanceof Intl.Locale;
  } catch {
    return false;
  }
}
