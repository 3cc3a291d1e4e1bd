import { ApiError } from 'questlog/client';

/** What goes wrong in the page itself. */
export class PageError extends Error {
  readonly code: 'file_gone' | 'export_cut_off';

  /** @param code by which the page has words for it. */
  constructor(code: PageError['code']) {
    super(code);
    this.code = code;
  }
}

/** What went wrong, as stores keep it: the page says it in the words of its language (`sayFailure`). */
export interface Failure {
  readonly code: string;
  /** In English, for what the page has no words for. */
  readonly detail: string;
}

export function failureOf(error: unknown): Failure {
  const detail = error instanceof Error ? error.message : String(error);
  const hasCode = error instanceof ApiError || error instanceof PageError;
  return { code: hasCode ? error.code : 'unknown', detail };
}

/** Whether what was asked for does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
