import type { AgentInputItem } from '@openai/agents-core';

/** Whether an item begins a turn. Messages of the user in a row begin one turn; what stands before the first message belongs to the first turn. */
export function beginsTurn(items: readonly AgentInputItem[], index: number): boolean {
  if (index === 0) return true;
  return isUser(items[index]) && !isUser(items[index - 1]);
}

/** A quarter of the JSON's length. */
export function estimateTokens(item: AgentInputItem): number {
  return Math.ceil(JSON.stringify(item).length / 4);
}

const CALLS: ReadonlySet<string | undefined> = new Set([
  'function_call',
  'computer_call',
  'shell_call',
  'apply_patch_call',
]);

export function isCall(item: AgentInputItem): item is AgentInputItem & { readonly callId: string } {
  return CALLS.has(item.type ?? '') && 'callId' in item;
}

export function isResult(item: AgentInputItem): item is AgentInputItem & { readonly callId: string } {
  const type = item.type ?? '';
  return (
    (type.endsWith('_call_result') || type.endsWith('_call_output')) &&
    CALLS.has(type.replace(/_(result|output)$/, '')) &&
    'callId' in item
  );
}

function isUser(item: AgentInputItem | undefined): boolean {
  return item !== undefined && 'role' in item && item.role === 'user';
}

/**
 * The index where the last `turns` turns begin; earlier when a call before it has its result only behind it, as runs
 * beside each other leave it. Zero: there is nothing before them.
 */
export function findLastTurns(items: readonly AgentInputItem[], turns: number): number {
  let kept = 0;
  for (let index = items.length - 1; index > 0; index--) {
    if (!beginsTurn(items, index)) continue;
    kept += 1;
    if (kept >= turns && !cutsCall(items, index)) return index;
  }
  return 0;
}

function cutsCall(items: readonly AgentInputItem[], cut: number): boolean {
  const open = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (isResult(item)) {
      if (index >= cut && open.has(item.callId)) return true;
      open.delete(item.callId);
    } else if (isCall(item)) {
      if (index < cut) open.add(item.callId);
      else open.delete(item.callId);
    }
  }
  return false;
}
