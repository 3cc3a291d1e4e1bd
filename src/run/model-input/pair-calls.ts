import type { AgentInputItem } from '@openai/agents-core';
import { hostedTypeOf, isCall, toCallPart, UniqueIds, withCallId } from '../../session/calls.ts';
import { isUser } from '../../session/turns.ts';

/**
 * Leaves out every call without its result and every result without its call, and gives two calls with one id two:
 * some providers number the calls of each answer anew. What stands alone and what was right already stays as it is.
 */
export function pairCalls(items: readonly AgentInputItem[]): AgentInputItem[] {
  const callOf = matchResults(items);
  const resultOf = new Map([...callOf].map(([result, call]) => [call, result]));
  const ids = new UniqueIds();
  const idOf = new Map<number, string>();
  return items.flatMap((item, index) => {
    const part = toCallPart(item);
    if (part === undefined) return [item];
    if (part.role === 'call') {
      if (!resultOf.has(index)) return [];
      const id = ids.take(part.id);
      idOf.set(index, id);
      return [id === part.id ? item : withCallId(item, id)];
    }
    const id = idOf.get(callOf.get(index) ?? -1);
    if (id === undefined) return [];
    return [id === part.id ? item : withCallId(item, id)];
  });
}

/**
 * The place of each result's call. Of several open calls with its id, a result belongs to the first since the user spoke
 * last, as in an answer that has an id twice; else to the last before, as the earlier ones were cut off.
 */
function matchResults(items: readonly AgentInputItem[]): Map<number, number> {
  const matches = new Map<number, number>();
  const open = new Map<string, number[]>();
  let spoken = -1;
  for (const [index, item] of items.entries()) {
    if (isUser(item)) spoken = index;
    const part = toCallPart(item);
    if (part === undefined) continue;
    const key = `${part.kind} ${part.id}`;
    const calls = open.get(key) ?? [];
    open.set(key, calls);
    if (part.role === 'call') {
      calls.push(index);
      continue;
    }
    const call = calls.find((place) => place > spoken) ?? calls.at(-1);
    if (call === undefined) continue;
    calls.splice(calls.indexOf(call), 1);
    matches.set(index, call);
  }
  return matches;
}

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

/** What is a model's beside messages, calls and hosted tools' calls. */
const MADE_BY_MODEL: ReadonlySet<unknown> = new Set(['reasoning', 'tool_search_call', 'tool_search_output']);

/** Whether a model made an item: a message, a call, a hosted tool's call with its result. */
export function isModelOutput(item: AgentInputItem): boolean {
  if ('role' in item) return item.role === 'assistant';
  if (item.type === 'hosted_tool_call') return hostedTypeOf(item) !== 'mcp_approval_response';
  return isCall(item) || MADE_BY_MODEL.has(item.type);
}
