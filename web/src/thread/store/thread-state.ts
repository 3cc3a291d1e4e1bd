import type { ChatSummary, ItemPageResponse, RunResponse, Usage } from 'questlog/client';
import { type Change, NEWEST } from '../../changes.ts';
import type { Failure } from '../../failure.ts';
import type { Outgoing } from '../../outbox/outgoing.ts';
import type { HistoryState } from './history.ts';
import type { ChatMessage } from './message.ts';
import { type ThreadContent, toMessages } from './to-messages.ts';

/** What the page shows of one chat. */
export interface ThreadState extends ThreadContent, HistoryState {
  /** `deleted`: it can be restored. */
  readonly phase: 'loading' | 'ready' | 'missing' | 'deleted' | 'failed';
  /** Of the chat, before its items were read; 0: nothing is known. */
  readonly version: number;
  /** Null: it has none; undefined: not known yet. */
  readonly title: string | null | undefined;
  /** Null: it goes on from no other; undefined: not known yet. */
  readonly forkedFrom: ChatSummary['forked_from'] | undefined;
  readonly tags: readonly string[];
  /** Null: it stays. */
  readonly expiresAt: string | null;
  /** Why it could not be loaded, or why what the person did last had no effect. */
  readonly error: Failure | undefined;
  readonly messages: readonly ChatMessage[];
  /** What all its runs cost, as far as it is known. */
  readonly usage: Usage | undefined;
  /** The name of the agent that the person has picked for what they say next. */
  readonly picked: string | undefined;
  /** The connection to the run broke and is being made again. */
  readonly isReconnecting: boolean;
}

/** A chat of which nothing is known but what this browser still has to send. */
export function initialState(isNew: boolean, outgoing: readonly Outgoing[]): ThreadState {
  const content = { items: [], points: [], runs: new Map<string, RunResponse>(), live: undefined, outgoing };
  return {
    ...content,
    phase: isNew ? 'ready' : 'loading',
    version: 0,
    title: undefined,
    forkedFrom: undefined,
    tags: [],
    expiresAt: null,
    error: undefined,
    messages: toMessages(content),
    usage: undefined,
    picked: undefined,
    hasOlder: false,
    passage: undefined,
    isLoadingNewer: false,
    isLoadingOlder: false,
    isReconnecting: false,
  };
}

/** What a page of its items says of a chat. */
export function headOf({
  title,
  version,
  forked_from: forkedFrom,
  tags,
  expires_at: expiresAt,
}: ItemPageResponse): Pick<ThreadState, 'title' | 'version' | 'forkedFrom' | 'tags' | 'expiresAt'> {
  return { title, version: Number(version), forkedFrom, tags, expiresAt };
}

/** Whether something of it is on its way, or waits for the person: its history cannot be changed. */
export function isBusy({ live, outgoing, runs }: ThreadState): boolean {
  const isActive = ({ status }: RunResponse) => status === 'running' || status === 'awaiting_approval';
  const isWaiting = outgoing.some(({ runId }) => runId === undefined);
  return live !== undefined || isWaiting || [...runs.values()].some(isActive);
}

/** Whether it was loaded and shows these changes of its chat. */
export function isAsNewAs({ phase, version, runs }: ThreadState, changes: readonly Change[]): boolean {
  const isShown = ({ version: changed = NEWEST, run }: Change) =>
    changed <= version && (run === undefined || runs.get(run.run_id)?.status === run.status);
  return phase !== 'failed' && changes.every(isShown);
}

/** What waits to be sent, behind what has been sent: that stays until its items are here, and nothing flickers. */
export function withOutgoing({ outgoing, items }: ThreadState, waiting: readonly Outgoing[]): Outgoing[] {
  const stored = new Set(items.map(({ run_id }) => run_id));
  const sent = outgoing.filter(
    ({ key, runId }) =>
      runId !== undefined && !stored.has(runId) && waiting.every((message) => message.key !== key),
  );
  return [...sent, ...waiting];
}
