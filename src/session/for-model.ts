import type { AgentInputItem } from '@openai/agents-core';

/**
 * A stored item in the form that the SDK can handle. A conversation that came in as plain messages
 * (`{ role: 'assistant', content: 'text' }`) has texts where the SDK, its compaction included, wants a list of parts.
 */
export function forModel(item: AgentInputItem): AgentInputItem {
  // What came in by SQL may be no object at all.
  const { role, content } = Object(item) as Record<string, unknown>;
  if (role !== 'assistant' || typeof content !== 'string') return item;
  const parts = [{ type: 'output_text' as const, text: content }];
  return { ...item, type: 'message', role, status: 'completed', content: parts };
}
