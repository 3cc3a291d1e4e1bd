import type { RunToolApprovalItem } from '@openai/agents-core';
import type { PendingCall } from '../../wire/events.ts';

/** A call that waits for a decision, of a run's state or of its JSON. */
export type WaitingCall = Pick<RunToolApprovalItem, 'rawItem' | 'toolName'> & {
  readonly agent: { readonly name: string };
};

/** What a person has to know of a call to decide it, whatever kind of tool it is for. */
export function toPendingCall({ rawItem, toolName, agent }: WaitingCall): PendingCall {
  const call = {
    call_id: callIdOf({ rawItem }),
    name: toolName ?? ('name' in rawItem ? rawItem.name : rawItem.type),
    agent: agent.name,
  };
  switch (rawItem.type) {
    case 'function_call':
      return { ...call, arguments: rawItem.arguments };
    case 'apply_patch_call':
      return { ...call, arguments: JSON.stringify(rawItem.operation) };
    case 'hosted_tool_call': {
      const { name, arguments: args, server_label: server } = rawItem.providerData ?? {};
      return {
        ...call,
        name: textOf(name) ?? call.name,
        arguments: textOf(args) ?? rawItem.arguments ?? '{}',
        ...(typeof server === 'string' ? { server } : {}),
      };
    }
    default:
      return { ...call, arguments: JSON.stringify(actionOf(rawItem)) };
  }
}

/** By what a decision names a call. */
export function callIdOf({ rawItem }: Pick<WaitingCall, 'rawItem'>): string {
  return 'callId' in rawItem ? rawItem.callId : (rawItem.id ?? textOf(rawItem.providerData?.id) ?? '');
}

/** Newer computer tools have several actions in one call. */
function actionOf(item: { readonly action?: unknown; readonly actions?: unknown }): unknown {
  return item.actions ?? item.action ?? {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
