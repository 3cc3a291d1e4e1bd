import type { Model } from '@openai/agents-core';

/**
 * What a model is called, for metrics: as it was asked for, else as the SDK's own models are, else by its class.
 *
 * @param named the name that it was asked for by.
 */
export function nameOf(model: Model, named: string | undefined): string {
  // Of a model of `@openai/agents-openai`, which has no name that it shows.
  const own: unknown = named || Reflect.get(model, '_model');
  return typeof own === 'string' && own !== '' ? own : model.constructor.name;
}
