import type { AgentInputItem, StreamedRunResult } from '@openai/agents-core';
import type { QuestlogError } from '../../errors.ts';
import { decodeItems, encodeItems } from '../../store/items/item-json.ts';
import { getRunItems } from '../../store/runs/run-items.ts';
import { saveRunState } from '../../store/runs/run-states.ts';
import type { ApprovalRequiredEvent, StreamCompleteEvent } from '../../wire/events.ts';
import { toProblem } from '../../wire/problem.ts';
import type { Usage } from '../../wire/usage.ts';
import { toClosingItems } from '../journal/closing-items.ts';
import { finishRun, type StoredEnd } from '../lifecycle/finish-run.ts';
import { toPausedRun } from '../lifecycle/run-state.ts';
import { cancelledError, toStatus } from '../outcome/failure.ts';
import type { RunOutcome } from '../outcome/run-outcome.ts';
import { toUsage } from '../outcome/usage.ts';
import type { ChatAgent, ChatContext } from '../types.ts';
import type { RunParts } from './run-parts.ts';

type Result = StreamedRunResult<ChatContext, ChatAgent>;

/** Stores that a run has succeeded, and sends it to its consumers. */
export async function completeRun(
  parts: RunParts,
  result: Result,
  answer: Omit<RunOutcome, 'response_id'>,
): Promise<StreamCompleteEvent> {
  const { chatId, runId } = parts.lease;
  const outcome: RunOutcome = { ...answer, response_id: result.lastResponseId ?? null };
  const usage = toUsage(result.runContext.usage);
  const event: StreamCompleteEvent = {
    type: 'stream_complete',
    ...outcome,
    usage,
    session_id: chatId,
    run_id: runId,
  };
  await finishRun(parts, event, {
    status: 'completed',
    ...(await toFinalItems(parts, (rest) => toClosing(parts, rest, HANDED_OVER))),
    usage: JSON.stringify(usage),
    outcome: JSON.stringify(outcome),
  });
  return event;
}

/** Stores a run that waits for approvals, to go on in any process. */
export async function pauseRun(
  parts: RunParts,
  result: Result,
  omittedTurns: number,
): Promise<ApprovalRequiredEvent> {
  const { chatId, runId, userId } = parts.lease;
  const { text, pending } = toPausedRun(result.state);
  const usage = toUsage(result.runContext.usage);
  const event: ApprovalRequiredEvent = {
    type: 'approval_required',
    pending,
    usage,
    omitted_turns: omittedTurns,
    session_id: chatId,
    run_id: runId,
  };
  const end: StoredEnd = {
    status: 'awaiting_approval',
    ...(await toFinalItems(parts, async () => [])),
    usage: JSON.stringify(usage),
    pending: JSON.stringify(pending),
    outcome: JSON.stringify({ omitted_turns: omittedTurns }),
  };
  await finishRun(parts, event, end, async (tx) => {
    // Asked for when it still ran, by another process.
    if (!(await saveRunState(tx, userId, runId, text))) throw cancelledError();
  });
  return event;
}

export interface Failed {
  readonly failure: QuestlogError;
  /** Whether the input was refused: it stays visible, and no later model gets it. */
  readonly blocked: boolean;
  readonly usage: Usage | undefined;
  /** What the model had written of an answer that did not come to its end. */
  readonly partialText: string;
  readonly resultOf: (callId: string) => string;
}

/** Stores how a run failed, with what it has made until then. */
export async function failRun(parts: RunParts, failed: Failed): Promise<void> {
  const { lease, journal, journalFrom, inputFrom, maxItemBytes } = parts;
  const { failure, blocked } = failed;
  const rest = await journal.stop();
  const left = blocked ? [] : [...rest, ...(await toClosing(parts, rest, failed))];
  const problem = toProblem(failure);
  await finishRun(
    parts,
    { type: 'error', ...problem, session_id: lease.chatId, run_id: lease.runId },
    {
      status: toStatus(failure),
      items: encodeItems(left, { maxItemBytes }),
      usage: JSON.stringify(failed.usage),
      error: JSON.stringify(problem),
      ...(blocked ? { blockFrom: inputFrom, replaceFrom: journalFrom } : {}),
    },
  );
}

/** A call that has no result in a run that succeeded has handed over. */
const HANDED_OVER = { partialText: '', resultOf: () => 'Handed over.' };

/** The SDK's own items in place of the journal; the journal's, where the SDK hands over none, or less. */
async function toFinalItems(
  { session, journal, journalFrom, maxItemBytes }: RunParts,
  close: (rest: readonly AgentInputItem[]) => Promise<readonly AgentInputItem[]>,
): Promise<Pick<StoredEnd, 'items' | 'replaceFrom' | 'compacts'>> {
  const rest = await journal.stop();
  const { newItems = [], compacted = false } = session ?? {};
  // The filter of a handoff leaves out what has been executed.
  const isWhole = newItems.length > 0 && journal.isCoveredBy(newItems);
  if (!isWhole && !compacted) {
    return { items: encodeItems([...(await close(rest)), ...rest], { maxItemBytes }) };
  }
  return { items: encodeItems(newItems, { maxItemBytes }), replaceFrom: journalFrom, compacts: compacted };
}

/** A call without its result may be from before a pause: what the run has stored counts, not what this process saw. */
async function toClosing(
  { db, lease, retry }: RunParts,
  rest: readonly AgentInputItem[],
  { partialText, resultOf }: Pick<Failed, 'partialText' | 'resultOf'>,
): Promise<AgentInputItem[]> {
  if (lease.chatId === null) return [];
  const texts = await retry(() => getRunItems(db, lease, 0));
  return toClosingItems([...decodeItems<AgentInputItem>(texts), ...rest], partialText, resultOf);
}
