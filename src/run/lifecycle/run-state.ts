import { RunState, type RunToolApprovalItem, type StreamedRunResult } from '@openai/agents-core';
import { type FieldProblem, QuestlogError } from '../../errors.ts';
import type { RunLease } from '../../store/runs/runs.ts';
import type { ApprovalRequiredEvent, PendingCall } from '../../wire/events.ts';
import type { ApprovalDecision } from '../../wire/runs.ts';
import { toUsage } from '../outcome/usage.ts';
import type { ChatAgent, ChatContext } from '../types.ts';

/** The event of a run that pauses. */
export function toApprovalRequired(
  result: StreamedRunResult<ChatContext, ChatAgent>,
  { chatId, runId }: RunLease,
): ApprovalRequiredEvent {
  return {
    type: 'approval_required',
    pending: toPendingCalls(result.interruptions),
    usage: toUsage(result.runContext.usage),
    session_id: chatId,
    run_id: runId,
  };
}

function toPendingCalls(interruptions: readonly RunToolApprovalItem[]): PendingCall[] {
  return interruptions.map((item) => ({
    call_id: callIdOf(item),
    name: item.name ?? '',
    arguments: item.arguments ?? '{}',
    agent: item.agent.name,
  }));
}

/**
 * A paused run as text. The SDK cannot read a guardrail's result back whose `outputInfo` was left out (with zod 4.4 and
 * newer): it gets a null.
 */
export function serializeState(state: RunState<ChatContext, ChatAgent>): string {
  const json = state.toJSON();
  for (const { output } of [...json.inputGuardrailResults, ...json.outputGuardrailResults]) {
    output.outputInfo ??= null;
  }
  return JSON.stringify(json);
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
      const message = decision.reason === undefined ? {} : { message: decision.reason };
      state.reject(item, { alwaysReject: always, ...message });
    }
  }
  return state;
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

function callIdOf({ rawItem }: RunToolApprovalItem): string {
  if ('callId' in rawItem) return rawItem.callId;
  return rawItem.id ?? '';
}
