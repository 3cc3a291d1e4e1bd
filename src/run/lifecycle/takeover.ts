import type { AgentInputItem } from '@openai/agents-core';
import { TAKEOVERS } from '../../channels.ts';
import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../driver/driver.ts';
import type { QuestlogError } from '../../errors.ts';
import { decodeItems, encodeItems } from '../../store/items/item-json.ts';
import { lockChat } from '../../store/items/locked-chat.ts';
import { endRun } from '../../store/runs/end-run.ts';
import { getRunEvents } from '../../store/runs/run-events.ts';
import { getRunItems } from '../../store/runs/run-items.ts';
import { takeRunState } from '../../store/runs/run-states.ts';
import { getRun, lockRun, type RunRow } from '../../store/runs/runs.ts';
import type { RunEvent } from '../../wire/events.ts';
import { toProblem } from '../../wire/problem.ts';
import { appendPartialText, toItem, toText } from '../events/read-back.ts';
import { toClosingItems } from '../journal/closing-items.ts';

/**
 * Numbers left free for events that the consumers of a dead process may have had before they were stored: no number is
 * that of two events, and a consumer that resumes after one of them receives how the run ended.
 */
const EVENT_NUMBER_GAP = 1_000_000;

export interface Takeover {
  /** Why the run ends. */
  readonly failure: QuestlogError;
  readonly status: 'interrupted' | 'cancelled';
  /** Whether this run may be ended, asked again when it is locked. */
  readonly isAllowed: (run: RunRow) => boolean;
  /** Takes no share of the run's user: who does so, does it for one run at a time. */
  readonly isSweep?: boolean;
  /** What the model is told of a call that has no result. Default: that it was interrupted. */
  readonly resultOf?: () => string;
}

/**
 * Ends a run that no process executes: what its journal and its events hold stays, calls without a result are closed,
 * and the text that was on its way becomes an incomplete message.
 *
 * @returns whether this call ended it.
 */
export async function takeOverRun(
  db: Database,
  userId: string,
  runId: string,
  takeover: Takeover,
): Promise<boolean> {
  const owner = takeover.isSweep ? null : userId;
  const isEnded = await db.transaction((tx) => endAsOwner(tx, userId, runId, takeover), owner);
  if (isEnded) TAKEOVERS.publish({ status: takeover.status });
  return isEnded;
}

async function endAsOwner(
  tx: Queryable,
  userId: string,
  runId: string,
  { failure, status, isAllowed, resultOf }: Takeover,
): Promise<boolean> {
  // The chat before the run: the order of every statement that takes both.
  const chatId = (await getRun(tx, userId, runId))?.chatId;
  if (chatId) await lockChat(tx, chatId, userId);
  const run = await lockRun(tx, userId, runId);
  if (run === undefined || !isAllowed(run)) return false;
  const { lastEvent, ...emitted } = await readEmittedOutput(tx, run);
  const { missing, partialText } = reconcile(await readJournal(tx, run, run.journalFrom ?? 0), emitted);
  const all = [...(await readJournal(tx, run, 0)), ...missing];
  const problem = toProblem(failure);
  const ids = { session_id: run.chatId, run_id: runId };
  await takeRunState(tx, userId, runId);
  return endRun(tx, run, {
    from: run.status === 'awaiting_approval' ? 'awaiting_approval' : 'running',
    status,
    items: encodeItems(
      run.chatId === null ? [] : [...missing, ...toClosingItems(all, partialText, resultOf)],
    ),
    error: JSON.stringify(problem),
    usage: run.usage ?? undefined,
    events: [JSON.stringify({ type: 'error', ...problem, ...ids } satisfies RunEvent)],
    firstEvent: lastEvent + 1 + (run.status === 'running' ? EVENT_NUMBER_GAP : 0),
  });
}

/** What the run stored from a position on. */
async function readJournal(tx: Queryable, run: RunRow, from: number): Promise<AgentInputItem[]> {
  if (run.chatId === null) return [];
  const texts = await getRunItems(tx, run, from);
  return decodeItems<AgentInputItem>(texts);
}

/** What a run has said in its events since its last pause. */
interface EmittedOutput {
  readonly items: readonly AgentInputItem[];
  /** What the model had written since its last finished message. */
  readonly partialText: string;
}

async function readEmittedOutput(
  tx: Queryable,
  run: RunRow,
): Promise<EmittedOutput & { readonly lastEvent: number }> {
  let lastEvent = 0;
  let partialText = '';
  let items: AgentInputItem[] = [];
  for (;;) {
    const page = await getRunEvents(tx, run.userId, run.runId, lastEvent);
    const events = page?.events ?? [];
    if (events.length === 0) return { lastEvent, partialText, items };
    for (const { id, text } of events) {
      const event = JSON.parse(text) as RunEvent;
      lastEvent = id;
      partialText = appendPartialText(partialText, event);
      if (event.type === 'approval_required') items = [];
      const item = toItem(event);
      if (item !== undefined) items.push(item);
    }
  }
}

/**
 * The journal and the events are written apart, and the process died between the two: what only the events have comes
 * to the journal, and text that the journal has in full is not partial.
 */
function reconcile(
  journal: readonly AgentInputItem[],
  emitted: EmittedOutput,
): Omit<EmittedOutput, 'items'> & { readonly missing: AgentInputItem[] } {
  const stored = journal.map(keyOf);
  const missing = emitted.items.filter((item) => {
    const place = stored.indexOf(keyOf(item));
    if (place >= 0) stored.splice(place, 1);
    return place < 0 && item.type !== 'reasoning';
  });
  const isTextStored = stored.some((key) => key.startsWith(keyOfText(emitted.partialText)));
  return { missing, partialText: isTextStored ? '' : emitted.partialText };
}

/** The same for an item in the journal and in an event, whose forms may differ. */
function keyOf(item: AgentInputItem): string {
  if ('role' in item && item.role === 'assistant') {
    return keyOfText(toText(item));
  }
  return `${item.type} ${'callId' in item ? item.callId : JSON.stringify(item)}`;
}

function keyOfText(text: string): string {
  return `text ${text}`;
}
