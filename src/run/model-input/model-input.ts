import type { AgentInputItem, Model } from '@openai/agents-core';
import { fitChatCompletions } from './for-chat-completions.ts';
import { fitResponses } from './for-responses.ts';
import { pairCalls, removeLoneReasoning } from './pair-calls.ts';
import type { Api } from './parts.ts';

export type { Api } from './parts.ts';

/**
 * What a model gets of a history, whatever that holds: items that its API takes through the SDK's converter. What the
 * API has no form for becomes text, and is left out where it has none (`docs/model-input.md`). Never throws.
 */
export function toModelInput(items: readonly AgentInputItem[], api: Api): AgentInputItem[] {
  return VIEWS[api](items).map(toWellFormed);
}

const VIEWS: Readonly<Record<Api, (items: readonly AgentInputItem[]) => AgentInputItem[]>> = {
  responses: fitResponses,
  chat_completions: fitChatCompletions,
  other: (items) => removeLoneReasoning(pairCalls(items)),
};

/** Half of a surrogate pair, which a tool may cut a text in, is no JSON to many servers. The same value when it has none. */
function toWellFormed<Value>(value: Value): Value {
  if (typeof value === 'string') return (value.isWellFormed() ? value : value.toWellFormed()) as Value;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const mended = Object.entries(value).map(([name, member]) => [name, toWellFormed(member)] as const);
  if (mended.every(([name, member]) => member === Reflect.get(value, name))) return value;
  return Object.assign(Array.isArray(value) ? [] : {}, Object.fromEntries(mended)) as Value;
}

/** The API that a model is asked through, by the name of its class: `@openai/agents-openai` need not be installed. */
export function apiOf(model: Model): Api {
  for (
    let type = Object(model).constructor;
    typeof type === 'function' && type.name;
    type = Object.getPrototypeOf(type)
  ) {
    if (/^OpenAIResponses(WS)?Model$/.test(type.name)) return 'responses';
    if (type.name === 'OpenAIChatCompletionsModel') return 'chat_completions';
  }
  return 'other';
}
