import type { AgentInputItem } from '@openai/agents-core';
import { hostedTypeOf, isCall } from './calls.ts';

/** APIs refuse reasoning without the message or call that it led to. */
export function removeLoneReasoning(items: readonly AgentInputItem[]): AgentInputItem[] {
  const kept: AgentInputItem[] = [];
  let follower: AgentInputItem | undefined;
  for (const item of items.toReversed()) {
    if (item.type === 'reasoning') {
      if (follower === undefined || !isModelOutput(follower)) continue;
    } else follower = item;
    kept.push(item);
  }
  return kept.reverse();
}

/** Whether a model made an item: a message, a call, a hosted tool's call with its result. */
export function isModelOutput(item: AgentInputItem): boolean {
  if ('role' in item) return item.role === 'assistant';
  if (item.type === 'hosted_tool_call') return hostedTypeOf(item) !== 'mcp_approval_response';
  return isCall(item) || item.type === 'tool_search_output' || item.type === 'reasoning';
}
