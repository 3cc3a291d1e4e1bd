import type { Failure } from '../failure.ts';
import type { DataTexts } from '../texts/en/data.ts';
import type { Texts } from '../texts/en.ts';
import { sayFailure } from '../texts/say-failure.ts';

/** A failure in the words that fit here, or in those of the page. */
export function sayDataFailure(texts: Texts, { failures }: DataTexts, failure: Failure): string {
  const own: Readonly<Record<string, string>> = failures;
  return (Object.hasOwn(own, failure.code) && own[failure.code]) || sayFailure(texts, failure);
}
