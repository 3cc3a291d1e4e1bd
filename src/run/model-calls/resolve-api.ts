import type { Model, Runner } from '@openai/agents-core';
import { type Api, apiOf } from '../model-input/model-input.ts';
import type { ChatAgent } from '../types.ts';

/** The API of an agent's model; `other` for one that cannot be had now: its run will say so. */
export async function resolveApi({ model }: ChatAgent, { config }: Runner): Promise<Api> {
  const selected: string | Model = model || (config.model ?? '');
  if (typeof selected === 'object') return apiOf(selected);
  try {
    return apiOf(await config.modelProvider.getModel(selected || undefined));
  } catch {
    return 'other';
  }
}
