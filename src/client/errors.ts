import type { ErrorCode, FieldProblem } from '../errors.ts';
import type { Problem } from '../wire/problem-schema.ts';

/** What went wrong: the server's own codes, no answer at all, or an answer that is not Questlog's. */
export type ApiErrorCode = ErrorCode | 'network' | 'unexpected_reply';

export interface ApiErrorOptions {
  readonly cause?: unknown;
  /** The HTTP status; 0 without an answer. */
  readonly status?: number;
  /** The whole problem that the server replied with. */
  readonly problem?: Problem | undefined;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The one error of the client. Branch on `code`; the message is for people and may change.
 *
 * @example
 * try { await client.getChat(id); } catch (error) {
 *   if (error instanceof ApiError && error.code === 'chat_not_found') { … }
 * }
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Branch on this. */
  readonly code: ApiErrorCode;
  /** Of the reply; 0 without one. */
  readonly status: number;
  /** Each field that is wrong, when the error is about input. */
  readonly errors: readonly FieldProblem[];
  /** The body of the reply, where it is one. */
  readonly problem: Problem | undefined;
  /** How long the server asks to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? 0;
    this.problem = options.problem;
    this.errors = options.problem?.errors ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * Whether the same request may succeed a little later, and not only on the next day: nothing was wrong with it. Of
   * `network` and `outcome_unknown` it may have been carried out: repeat only what may happen twice. (The client repeats
   * what begins a run: its key makes it once.)
   */
  get isPassing(): boolean {
    if (this.code === 'usage_limit') return false;
    return this.status === 0 || this.status === 429 || (this.status >= 502 && this.status <= 504);
  }
}

/** The error that a reply with a status of 400 or more stands for. */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status } = response;
  const retryAfterMs = secondsOf(response.headers.get('retry-after'));
  const problem = await readProblem(response);
  if (problem !== undefined) {
    return new ApiError(problem.code as ErrorCode, problem.detail, { status, problem, retryAfterMs });
  }
  return new ApiError('unexpected_reply', `the server replied with status ${status}`, {
    status,
    retryAfterMs,
  });
}

async function readProblem(response: Response): Promise<Problem | undefined> {
  try {
    const body: unknown = JSON.parse(await response.text());
    return isProblem(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}

function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
