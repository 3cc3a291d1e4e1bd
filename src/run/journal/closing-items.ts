import type { AgentInputItem } from '@openai/agents-core';
import { type CallPart, isResult, toCallPart } from '../../session/calls.ts';
import { BLANK_SCREEN } from '../model-input/responses-items.ts';

/** The result of a call whose tool did not finish, for the model. */
export const INTERRUPTED_RESULT =
  'Interrupted: the tool did not finish. Whether it had an effect is not known.';
/** The result of a call that no tool was asked to do, as there is none, or as the run ended first. */
export const NOT_EXECUTED_RESULT = 'Not executed: the run ended before any tool was asked to do this.';

/**
 * What a run that did not end well leaves behind its journal: a result for each call that has none, and what the
 * model had written of its answer, marked as incomplete.
 *
 * @param resultOf what the model is told of a call without a result, by the call's id.
 */
export function toClosingItems(
  journal: readonly AgentInputItem[],
  partialText: string,
  resultOf: (callId: string) => string = () => INTERRUPTED_RESULT,
): AgentInputItem[] {
  const answered = new Set(journal.filter(isResult).map(toCallKey));
  const results = journal.flatMap((item) => {
    const part = toCallPart(item);
    if (part?.role !== 'call' || answered.has(toCallKey(item))) return [];
    return closeCall(item, part, resultOf(part.id));
  });
  if (partialText === '') return results;
  const content = [{ type: 'output_text' as const, text: partialText }];
  return [...results, { type: 'message', role: 'assistant', status: 'incomplete', content }];
}

/** What a call and its result have in common. */
export function toCallKey(item: AgentInputItem): string {
  const { kind = '', id = '' } = toCallPart(item) ?? {};
  return `${kind} ${id === '' ? JSON.stringify(item) : id}`;
}

/** The result of a function call as text. */
export function toResult(callId: string, name: string, text: string): AgentInputItem {
  return { type: 'function_call_result', name, callId, status: 'completed', output: { type: 'text', text } };
}

/** A result that says `text`, in the form of the call's kind. */
function closeCall(call: AgentInputItem, { kind, id }: CallPart, text: string): AgentInputItem[] {
  const { caller, namespace } = call as { readonly caller?: never; readonly namespace?: never };
  const owner = { ...(caller === undefined ? {} : { caller }) };
  switch (kind) {
    case 'function': {
      const { name } = call as { readonly name: string };
      return [{ ...toResult(id, name, text), ...(namespace === undefined ? {} : { namespace }), ...owner }];
    }
    case 'shell': {
      const output = [{ stdout: '', stderr: text, outcome: { type: 'timeout' as const } }];
      return [{ type: 'shell_call_output', callId: id, status: 'incomplete', output, ...owner }];
    }
    case 'apply_patch':
      return [{ type: 'apply_patch_call_output', callId: id, status: 'failed', output: text, ...owner }];
    case 'computer':
      // Its result is a picture, and says nothing.
      return [
        {
          type: 'computer_call_result',
          callId: id,
          output: { type: 'computer_screenshot', data: BLANK_SCREEN },
          providerData: { status: 'incomplete' },
        },
        { type: 'message', role: 'system', content: text },
      ];
    case 'program':
      return [{ type: 'program_output', callId: id, output: text, status: 'incomplete' }];
    case 'mcp_approval': {
      const providerData = { approve: false, approval_request_id: id, reason: text };
      return [{ type: 'hosted_tool_call', name: 'mcp_approval_response', providerData, ...owner }];
    }
    case 'tool_search':
      return [];
    default:
      return [{ type: 'unknown', providerData: { type: `${kind}_output`, call_id: id, output: text } }];
  }
}
