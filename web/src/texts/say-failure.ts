import type { ApiErrorCode } from 'questlog/client';
import type { Failure } from '../failure.ts';
import type { Texts } from './en.ts';

/** The codes of Stack Auth, which begin with a capital, those of the API, and the page's own. */
type KnownCode = ApiErrorCode | Uppercase<string> | 'file_gone';

/** A failure in words: those of the page for its code, or its own. */
export function sayFailure({ failures }: Texts, { code, detail }: Failure): string {
  const known: Readonly<Partial<Record<KnownCode, string>>> = failures;
  return Object.hasOwn(known, code) ? (known[code as KnownCode] ?? detail) : detail;
}
