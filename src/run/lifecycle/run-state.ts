import { RunState } from '@openai/agents-core';
import { type FieldProblem, QuestlogError } from '../../errors.ts';
import type { PendingCall } from '../../wire/events.ts';
import type { ApprovalDecision } from '../../wire/runs.ts';
import type { ChatAgent, ChatContext } from '../types.ts';
import { type PausedJson, renameNestedCalls, waitingIn } from './nested-calls.ts';
import { callIdOf, toPendingCall } from './pending-calls.ts';

/** The result of a call on which the user did not decide, or decided against. */
export const NOT_APPROVED_RESULT = 'Tool execution was not approved.';

/** A paused run as it is stored, and the calls that it waits for. */
export interface PausedRun {
  readonly text: string;
  readonly pending: PendingCall[];
}

/**
 * A paused run as text. Two things of the SDK's JSON are mended: it cannot read a guardrail's result back whose
 * `outputInfo` was left out (with zod 4.4 and newer), which gets a null; and it refuses to go on for the second time
 * with a mark that its session was compacted, which ours is not.
 */
export function toPausedRun(state: RunState<ChatContext, ChatAgent>): PausedRun {
  const { currentTurnSessionWriteCompactedItemCount: _mark, ...json } = state.toJSON();
  for (const { output } of [...json.inputGuardrailResults, ...json.outputGuardrailResults]) {
    output.outputInfo ??= null;
  }
  const paused = json as typeof json & PausedJson;
  renameNestedCalls(paused);
  return { text: JSON.stringify(paused), pending: waitingIn(paused).map(toPendingCall) };
}

/**
 * Restores a paused run and decides its calls. A call that is not decided makes it pause again.
 */
export async function restoreState(
  agent: ChatAgent,
  text: string,
  decisions: readonly ApprovalDecision[],
): Promise<RunState<ChatContext, ChatAgent>> {
  const state = await RunState.fromString<ChatContext, ChatAgent>(agent, text);
  const byCall = new Map(decisions.map((decision) => [decision.call_id, decision]));
  for (const item of state.getInterruptions()) {
    const decision = byCall.get(callIdOf(item));
    if (decision === undefined) continue;
    const always = decision.always ?? false;
    if (decision.approve) state.approve(item, { alwaysApprove: always });
    else {
      state.reject(item, { alwaysReject: always, message: toRejection(decision.reason) });
    }
  }
  return state;
}

/** The result of a rejected call: by its first sentence it is known as one, by the model and by who shows it. */
function toRejection(reason: string | undefined): string {
  return reason === undefined ? NOT_APPROVED_RESULT : `${NOT_APPROVED_RESULT} Reason: ${reason}`;
}

/** @throws QuestlogError `invalid_request` naming decisions on calls that do not wait, or twice on one. */
export function checkDecisions(
  decisions: readonly ApprovalDecision[],
  pending: readonly PendingCall[],
): void {
  const waiting = new Set(pending.map(({ call_id }) => call_id));
  const errors: FieldProblem[] = [];
  for (const [index, { call_id }] of decisions.entries()) {
    const field = `decisions[${index}].call_id`;
    if (waiting.delete(call_id)) continue;
    const twice = pending.some((call) => call.call_id === call_id);
    errors.push({ field, message: twice ? 'is decided twice' : 'is not a call that waits for a decision' });
  }
  if (errors.length === 0) return;
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new QuestlogError('invalid_request', text, { errors });
}
