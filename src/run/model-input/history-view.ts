import type { AgentInputItem } from '@openai/agents-core';
import { beginsTurn, estimateTokens, isCall, isResult } from '../../session/turns.ts';

/** How much of the history a model gets. All of it stays stored and shown. */
export interface HistoryWindow {
  /** The last so many turns. A turn begins with a message of the user. */
  readonly turns?: number | undefined;
  /** The last turns that fit into so many tokens; at least the last one. */
  readonly tokens?: number | undefined;
  /** How many tokens an item takes. Default: a quarter of its JSON's length. */
  readonly countTokens?: ((item: AgentInputItem) => number) | undefined;
}

/**
 * The history as a model accepts it: no call without its result, no result without its call, no reasoning without
 * what followed it, and cut only between turns.
 */
export function toModelHistory(
  items: readonly AgentInputItem[],
  window: HistoryWindow = {},
): AgentInputItem[] {
  return removeLoneReasoning(removeLoneCalls(cutToWindow(items, window)));
}

/**
 * A result belongs to the last call before it with its id: some providers number the calls of each answer anew. Hosted
 * tools' calls carry their result in themselves and have no `callId` that anything answers to.
 */
function removeLoneCalls(items: readonly AgentInputItem[]): AgentInputItem[] {
  const open = new Map<string, AgentInputItem>();
  const paired = new Set<AgentInputItem>();
  for (const item of items) {
    if (isCall(item)) open.set(item.callId, item);
    if (!isResult(item)) continue;
    const call = open.get(item.callId);
    if (call !== undefined) paired.add(call).add(item);
    open.delete(item.callId);
  }
  return items.filter((item) => paired.has(item) || !(isCall(item) || isResult(item)));
}

/** The API refuses a reasoning item without the message or call that it led to. */
function removeLoneReasoning(items: readonly AgentInputItem[]): AgentInputItem[] {
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

function cutToWindow(items: readonly AgentInputItem[], window: HistoryWindow): AgentInputItem[] {
  const { turns = Number.POSITIVE_INFINITY, tokens = Number.POSITIVE_INFINITY } = window;
  const count = window.countTokens ?? estimateTokens;
  let start = items.length;
  let kept = 0;
  let spent = 0;
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index] as AgentInputItem;
    if (Number.isFinite(tokens)) spent += count(item);
    if (!beginsTurn(items, index)) continue;
    if (kept >= turns || (kept > 0 && spent > tokens)) break;
    start = index;
    kept += 1;
  }
  return items.slice(start);
}

function isModelOutput(item: AgentInputItem): boolean {
  return isCall(item) || item.type === 'hosted_tool_call' || ('role' in item && item.role === 'assistant');
}
