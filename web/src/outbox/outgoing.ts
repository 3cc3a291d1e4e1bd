import { type AgentRequest, ApiError } from 'questlog/client';
import { type Failure, failureOf } from '../failure.ts';
import type { AttachedFile, FilePart } from '../files/file-part.ts';

/** A message on its way to the server. It is kept until the server has it, over reloads and closed tabs. */
export interface Outgoing {
  /** Its `Idempotency-Key`: sent twice, it is one message. */
  readonly key: string;
  readonly chatId: string;
  /** When it was written, in milliseconds: the messages of a chat go out in this order. */
  readonly writtenAt: number;
  readonly text: string;
  /** Long texts that go with it, each as a part of its own. */
  readonly pasted: readonly string[];
  /** Files that go with it, whose data `Files` has. */
  readonly files: readonly AttachedFile[];
  /** The name of the agent that it is for; undefined: the chat's last one. */
  readonly agent: string | undefined;
  /**
   * It takes the place of what was said from this position on, up to `to`: the end when it was tried first. That is set
   * aside as the alternative `was`.
   */
  readonly replace:
    | { readonly from: number; readonly to: number | undefined; readonly was?: number | undefined }
    | undefined;
  /** What waits for approval is rejected with it: the person saw it and wrote instead. */
  readonly rejectsPending: boolean;
  /** The run that it has begun: the server has it. */
  readonly runId: string | undefined;
  /** Why it is not there yet; undefined: nothing is wrong. */
  readonly held: Hold | undefined;
}

/** What keeps a message from going out. All but a refusal pass by themselves. */
export interface Hold extends Failure {
  readonly why: 'answer' | 'approval' | 'network' | 'refusal';
}

/** What a failed try says about the message. */
export function holdOf(error: unknown): Hold {
  const failure = failureOf(error);
  if (failure.code === 'chat_busy') return { why: 'answer', ...failure };
  if (failure.code === 'approval_pending') return { why: 'approval', ...failure };
  const isPassing = error instanceof ApiError && error.isPassing;
  return { why: isPassing ? 'network' : 'refusal', ...failure };
}

/** As they were written, whatever tab they were written in. */
export function inOrder(messages: readonly Outgoing[]): Outgoing[] {
  return messages.toSorted((one, other) => one.writtenAt - other.writtenAt || (one.key < other.key ? -1 : 1));
}

/** What the person has written, before it is on its way. */
export type Written = Pick<Outgoing, 'text' | 'pasted' | 'files'>;

export const NOTHING_WRITTEN: Written = { text: '', pasted: [], files: [] };

export function isNothing({ text, pasted, files }: Written): boolean {
  return text.trim() === '' && pasted.length === 0 && files.length === 0;
}

/** As a run takes it. */
export function toInput({ text, pasted }: Written, files: readonly FilePart[]): AgentRequest['input'] {
  if (pasted.length + files.length === 0) return text;
  const texts = [text, ...pasted].filter((part) => part.trim() !== '');
  const content = [...texts.map((part) => ({ type: 'input_text', text: part })), ...files];
  return [{ type: 'message', role: 'user', content }];
}
