import type { Feedback, Point, RunResponse, Usage } from 'questlog/client';
import type { ShownFile } from '../../files/file-part.ts';
import type { Outgoing, Written } from '../../outbox/outgoing.ts';

/** A piece of what a message shows. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | ToolPart
  | { readonly type: 'handoff'; readonly agent: string }
  | { readonly type: 'files'; readonly files: readonly ShownFile[] };

export interface ToolPart {
  readonly type: 'tool';
  readonly callId: string;
  readonly name: string;
  /** JSON, as far as it has come. */
  readonly arguments: string;
  readonly result: string | undefined;
  /** `waiting`: for the person's decision. `rejected`: the person was against it, or went on without deciding. */
  readonly state: 'running' | 'done' | 'failed' | 'waiting' | 'rejected';
}

/** One message as the page shows it: a person's, or all that the agent did in one run. */
export interface ChatMessage {
  /** Stays the same while the message grows and when it is stored. */
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system';
  readonly parts: readonly Part[];
  /** The positions of its items; undefined while they are on their way. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly createdAt: string | undefined;
  readonly state: 'done' | 'running' | 'incomplete';
  /** An input guardrail refused it: no model gets it. */
  readonly isBlocked: boolean;
  /** The run that made it, when it did not end well or waits for the person. */
  readonly run: RunResponse | undefined;
  /** What else the conversation goes on with from here, if there is anything. */
  readonly point: Point | undefined;
  /** The item of it that is final; undefined: there is none, or not yet. */
  readonly rated: Rated | undefined;
  /** What it cost, once it is whole. */
  readonly cost: { readonly usage: Usage; readonly seconds: number } | undefined;
  /** A message that the server does not have. */
  readonly unsent: Outgoing | undefined;
}

/** An item that can be rated, and what the person thinks of it. */
export interface Rated {
  readonly position: number;
  readonly feedback: Feedback | null;
}

/** A text from this length on is an attachment: in a box of text it would make every key slow. */
export const LONG_TEXT = 10_000;

/** The words of a message, as Markdown. */
export function textOf(message: Pick<ChatMessage, 'parts'>): string {
  return textsOf(message).join('\n\n');
}

/** What the person wrote, as they can write it anew; its files are those of `filesOf`. */
export function writtenOf(message: Pick<ChatMessage, 'parts'>): Omit<Written, 'files'> {
  const [text = '', ...pasted] = textsOf(message);
  return text.length < LONG_TEXT ? { text, pasted } : { text: '', pasted: [text, ...pasted] };
}

export function filesOf({ parts }: Pick<ChatMessage, 'parts'>): ShownFile[] {
  return parts.flatMap((part) => (part.type === 'files' ? part.files : []));
}

function textsOf({ parts }: Pick<ChatMessage, 'parts'>): string[] {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
}
