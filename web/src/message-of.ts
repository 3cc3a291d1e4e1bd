import { ApiError } from 'questlog/client';

/** What an error is for the person. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError && error.code === 'network') return 'The server cannot be reached.';
  return error instanceof Error ? error.message : String(error);
}

/** Whether what was asked for does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
