import { en, type Texts } from './en.ts';

/** The languages of the page, as tags of BCP 47. */
export const LANGUAGES = ['en', 'de'] as const;

export type Language = (typeof LANGUAGES)[number];

/** In which language the page speaks to a person. */
export interface Speech {
  readonly language: Language;
  /** The language with its region, for dates: `en-GB` and `en-US` do not write them alike. */
  readonly locale: string;
}

/** English is there from the beginning; others come when they are spoken. */
export async function loadTexts(language: Language): Promise<Texts> {
  return language === 'de' ? (await import('./de.ts')).de : en;
}

/**
 * The language that the person has chosen, the first of those that their browser asks for, or English.
 *
 * @param preferred as in `navigator.languages`.
 */
export function chooseSpeech(chosen: Language | 'system', preferred: readonly string[]): Speech {
  // Some systems put into the list what is no tag, such as `en-US@posix`.
  const tags = preferred.filter(isTag);
  const language = [chosen, ...tags.map(languageOf)].find(isSpoken) ?? 'en';
  const locale = tags.find((tag) => languageOf(tag) === language) ?? language;
  return { language, locale };
}

function isSpoken(language: string): language is Language {
  return LANGUAGES.some((spoken) => spoken === language);
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
