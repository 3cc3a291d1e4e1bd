import type { AgentInputItem } from '@openai/agents-core';

/** Which API a model is asked through. */
export type Api = 'responses' | 'chat_completions' | 'other';

/** What an API accepts of a stored history. */
export function toModelInput(items: readonly AgentInputItem[], _api: Api): AgentInputItem[] {
  return [...items];
}
