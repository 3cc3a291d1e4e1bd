import type { AgentInputItem, Model } from '@openai/agents-core';
import { toResultText } from './as-functions.ts';
import { fitChatCompletions } from './for-chat-completions.ts';
import { fitResponses } from './for-responses.ts';
import { toPlaceholder } from './messages.ts';
import { pairCalls, removeLoneReasoning } from './pair-calls.ts';
import type { Api, Part } from './parts.ts';

export type { Api } from './parts.ts';

/**
 * What a model gets of a history, whatever that holds: items that its API takes through the SDK's converter. What the
 * API has no form for becomes text, and is left out where it has none (`docs/model-input.md`). Never throws.
 */
export function toModelInput(items: readonly AgentInputItem[], api: Api): AgentInputItem[] {
  switch (api) {
    case 'responses':
      return fitResponses(items);
    case 'chat_completions':
      return fitChatCompletions(items);
    case 'other':
      return removeLoneReasoning(pairCalls(items));
  }
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

/** Items as plain text, for a provider that refuses what they hold: messages, and calls of functions with their results. */
export function toPlainItems(items: readonly AgentInputItem[]): AgentInputItem[] {
  return fitChatCompletions(items).flatMap(toPlainItem);
}

function toPlainItem(item: AgentInputItem): AgentInputItem[] {
  if (item.type === 'reasoning') return [];
  const { id: _, providerData: __, ...rest } = item as unknown as Part;
  const plain = { ...rest };
  if (Array.isArray(rest.content)) plain.content = rest.content.map(toPlainPart);
  if (item.type === 'function_call_result') plain.output = toResultText(item.output);
  return [plain as unknown as AgentInputItem];
}

function toPlainPart({ providerData: _, ...part }: Part): Part {
  if (part.type === 'input_image') return toPlaceholder('an image');
  if (part.type === 'input_file') return toPlaceholder('a file');
  return part.type === 'audio' ? toPlaceholder('a recording') : part;
}
