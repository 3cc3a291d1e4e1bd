import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiItem } from './responses-faults.ts';

/** A call of a tool in an answer. */
export interface ReplyCall {
  readonly name: string;
  readonly args: object;
  /** By default one of its own; providers also send ids that start anew in each answer, and empty ones. */
  readonly id?: string;
  /** Chat Completions: its place in the answer, which some servers count wrongly. */
  readonly index?: number;
}

/** What the stand-in answers: its parts in this order, all optional. */
export interface Reply {
  /** The summary of the reasoning; of Chat Completions the field `reasoning`. */
  readonly reasoning?: string;
  /** The reasoning itself; of Chat Completions the field `reasoning_content`. */
  readonly reasoningContent?: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly calls?: readonly ReplyCall[];
  /** Responses: more items of the output, as the API has them. */
  readonly raw?: readonly object[];
  /** Why the answer is not complete. */
  readonly finish?: 'length' | 'content_filter' | 'error';
  /** Milliseconds between two pieces. */
  readonly pace?: number;
  /** Waits after so many words of `text`, for `until` or for ever. */
  readonly hangAfter?: number;
  readonly until?: Promise<void>;
  /** Breaks off after so many words, or before the last event: with an error event, an early end, or a reset. */
  readonly breaks?: { readonly after: number; readonly how: 'error' | 'end' | 'reset' };
  /** Answers with this error instead. */
  readonly error?: HttpError;
}

/** An error in place of an answer. */
export interface HttpError {
  readonly status: number;
  readonly code?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Decides what the model says to an input. */
export type Script = (input: readonly ApiItem[]) => Reply;

/** Ends a stream without its last event. */
export class StreamBreak extends Error {}

/** Throws a StreamBreak when the reply breaks off before its last event. */
export function breakOff({ breaks }: Reply): void {
  if (breaks !== undefined) throw new StreamBreak();
}

/** The words of a text at the reply's pace. Throws a StreamBreak where the reply breaks. */
export async function* speak(text: string | undefined, reply: Reply): AsyncGenerator<string> {
  if (text === undefined) return;
  const { pace = 0, hangAfter, until, breaks } = reply;
  for (const [place, word] of text.split(/(?<= )/).entries()) {
    if (place === breaks?.after) throw new StreamBreak();
    if (place === hangAfter) await (until ?? new Promise(() => undefined));
    if (pace > 0) await sleep(pace);
    yield word;
  }
}
