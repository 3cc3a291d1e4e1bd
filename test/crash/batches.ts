import type { AgentInputItem } from '@openai/agents-core';

/** How many items every batch has. */
const SIZE = 3;

/** The items of batch `batch`: `7.0`, `7.1`, `7.2`. */
export function batchOf(batch: number): AgentInputItem[] {
  return Array.from({ length: SIZE }, (_, index) => ({ role: 'user', content: `${batch}.${index}` }));
}

/** The batch that an item belongs to. */
export function numberOf(item: AgentInputItem): number {
  return Math.floor(Number('content' in item && item.content));
}
