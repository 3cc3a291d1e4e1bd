import type { AgentInputItem } from '@openai/agents-core';
import type { Database, Queryable } from '../db/database.ts';
import type { QuestlogError } from '../errors.ts';
import { decodeItem, encodeItems } from '../store/item-json.ts';
import { lockChat } from '../store/locked-chat.ts';
import { endRun, getRunItems } from '../store/run-changes.ts';
import { getRunEvents } from '../store/run-events.ts';
import { takeRunState } from '../store/run-states.ts';
import { getRun, lockRun, type RunRow } from '../store/runs.ts';
import type { RunEvent } from '../wire/events.ts';
import { toProblem } from '../wire/problem.ts';
import { closingItems, partialTextOf } from './closing-items.ts';

export interface Takeover {
  /** Why the run ends. */
  readonly failure: QuestlogError;
  readonly status: 'interrupted' | 'cancelled';
  /** Whether this run may be ended, asked again when it is locked. */
  readonly mayEnd: (run: RunRow) => boolean;
  /** What a model is told of the calls that have no result. */
  readonly result?: string;
}

/**
 * Ends a run that no process executes: what its journal and its events hold stays, calls without a result are closed,
 * and the text that was on its way becomes an incomplete message.
 *
 * @returns whether this call ended it.
 */
export async function endAbandonedRun(
  db: Database,
  userId: string,
  runId: string,
  { failure, status, mayEnd, result }: Takeover,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    // The chat before the run: the order of every statement that takes both.
    const chatId = (await getRun(tx, userId, runId))?.chatId;
    if (chatId) await lockChat(tx, chatId, userId);
    const run = await lockRun(tx, userId, runId);
    if (run === undefined || !mayEnd(run)) return false;
    const { lastEvent, partialText } = await readProgress(tx, run);
    const journal = await readJournal(tx, run);
    const problem = toProblem(failure);
    const ids = { session_id: run.chatId, run_id: runId };
    await takeRunState(tx, userId, runId);
    return endRun(tx, run, {
      from: run.status === 'awaiting_approval' ? 'awaiting_approval' : 'running',
      status,
      items: encodeItems(run.chatId === null ? [] : closingItems(journal, partialText, result)),
      error: JSON.stringify(problem),
      usage: run.usage ?? undefined,
      events: [JSON.stringify({ type: 'error', ...problem, ...ids } satisfies RunEvent)],
      firstEvent: lastEvent + 1,
    });
  });
}

/** All that the run stored: a call may be from before a pause. */
async function readJournal(tx: Queryable, run: RunRow): Promise<AgentInputItem[]> {
  if (run.chatId === null) return [];
  const texts = await getRunItems(tx, run, 0);
  return texts.map((text) => decodeItem<AgentInputItem>(text));
}

/** The last event's number, and what the model had written since its last finished message. */
async function readProgress(tx: Queryable, run: RunRow): Promise<{ lastEvent: number; partialText: string }> {
  let lastEvent = 0;
  let partialText = '';
  for (;;) {
    const page = await getRunEvents(tx, run.userId, run.runId, lastEvent);
    const events = page?.events ?? [];
    if (events.length === 0) return { lastEvent, partialText };
    for (const { id, text } of events) {
      lastEvent = id;
      partialText = partialTextOf(partialText, JSON.parse(text) as RunEvent);
    }
  }
}
