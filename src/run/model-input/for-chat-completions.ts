import type { AgentInputItem } from '@openai/agents-core';
import { isCall, isResult, toCallPart } from '../../session/calls.ts';
import { toFunctionItem, toFunctionPair } from './as-functions.ts';
import { fitMessage, toList } from './messages.ts';
import { pairCalls, removeLoneReasoning } from './pair-calls.ts';
import type { Part } from './parts.ts';

/**
 * Items as Chat Completions takes them, through the SDK's converter: messages, functions' calls with their results
 * directly behind them, and reasoning as plain text. Other calls become those of functions; what has no text is left out.
 */
export function fitChatCompletions(items: readonly AgentInputItem[]): AgentInputItem[] {
  return removeLoneReasoning(joinResults(pairCalls(items.flatMap(fitItem))));
}

function fitItem(item: AgentInputItem): AgentInputItem[] {
  if (item.type === 'hosted_tool_call') return toFunctionPair(item);
  if (item.type === 'reasoning')
    return [isSpoken(item.rawContent) ? item : { type: 'reasoning', content: [] }];
  return 'role' in item ? fitMessage(item, 'chat_completions') : toFunctionItem(item);
}

/** The encrypted reasoning of the Responses API says nothing here, but that an answer begins. */
function isSpoken(content: unknown): boolean {
  const text = (toList(content)[0] as Part | undefined)?.text;
  return typeof text === 'string' && text !== '';
}

/**
 * Puts the results of calls directly behind them. The SDK sends neighbouring calls, and one message beside them, as one
 * message of the model: what else stands between calls and their results moves behind these.
 */
function joinResults(items: readonly AgentInputItem[]): AgentInputItem[] {
  const joined: AgentInputItem[] = [];
  const byId = new Map(items.filter(isResult).map((item) => [toCallPart(item)?.id, item]));
  let group: AgentInputItem[] = [];
  let isSaid = false;
  const close = () => {
    joined.push(
      ...group,
      ...group.flatMap((item) => (isCall(item) ? (byId.get(toCallPart(item)?.id) ?? []) : [])),
    );
    group = [];
  };
  for (const item of items) {
    if (isCall(item)) {
      if (group.length === 0) isSaid = isAnswer(joined.at(-1));
      group.push(item);
    } else if (isResult(item)) close();
    else if (group.length > 0 && !isSaid && (isAnswer(item) || item.type === 'reasoning')) {
      group.push(item);
      isSaid = isAnswer(item);
    } else {
      close();
      joined.push(item);
    }
  }
  close();
  return joined;
}

function isAnswer(item: AgentInputItem | undefined): boolean {
  return item !== undefined && 'role' in item && item.role === 'assistant';
}
