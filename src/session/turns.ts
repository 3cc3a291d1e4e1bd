import type { AgentInputItem } from '@openai/agents-core';
import { toCallPart } from './calls.ts';

/** Where the turns of a history begin; what stands before the first message of the user is a turn, too. */
export function findTurns(history: readonly AgentInputItem[]): number[] {
  return history.flatMap((item, index) => (index === 0 || isUser(item) ? [index] : []));
}

/**
 * The index where the last `turns` turns begin; earlier when a call before it has its result only behind it, as runs
 * beside each other leave it. Zero: there is nothing before them.
 */
export function findLastTurns(items: readonly AgentInputItem[], turns: number): number {
  const beginnings = findTurns(items)
    .reverse()
    .slice(turns - 1);
  return beginnings.find((index) => !cutsCall(items, index)) ?? 0;
}

/** A quarter of the JSON's length. */
export function estimateTokens(item: AgentInputItem): number {
  return Math.ceil(JSON.stringify(item).length / 4);
}

export function isUser(item: AgentInputItem): boolean {
  return 'role' in item && item.role === 'user';
}

function cutsCall(items: readonly AgentInputItem[], cut: number): boolean {
  const open = new Set<string>();
  for (const [index, item] of items.entries()) {
    const part = toCallPart(item);
    if (part === undefined) continue;
    const key = `${part.kind} ${part.id}`;
    if (part.role === 'result') {
      if (index >= cut && open.has(key)) return true;
      open.delete(key);
    } else if (index < cut) open.add(key);
    else open.delete(key);
  }
  return false;
}
