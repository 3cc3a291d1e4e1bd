import type { AgentInputItem } from '@openai/agents-core';
import { isResult } from '../../session/turns.ts';

/** The result of a call whose tool did not finish, for the model. */
const INTERRUPTED_RESULT = 'Interrupted: the tool did not finish. Whether it had an effect is not known.';

/**
 * What a run that did not end well leaves behind its journal: a result for each call that has none, and what the
 * model had written of its answer, marked as incomplete.
 */
export function toClosingItems(
  journal: readonly AgentInputItem[],
  partialText: string,
  result = INTERRUPTED_RESULT,
): AgentInputItem[] {
  const answered = new Set(journal.filter(isResult).map(({ callId }) => callId));
  const results = journal.flatMap((item): AgentInputItem[] => {
    if (item.type !== 'function_call' || answered.has(item.callId)) return [];
    return [toResult(item.callId, item.name, result)];
  });
  if (partialText === '') return results;
  const content = [{ type: 'output_text' as const, text: partialText }];
  return [...results, { type: 'message', role: 'assistant', status: 'incomplete', content }];
}

/** The result of a function call as text. */
export function toResult(callId: string, name: string, text: string): AgentInputItem {
  return { type: 'function_call_result', name, callId, status: 'completed', output: { type: 'text', text } };
}
