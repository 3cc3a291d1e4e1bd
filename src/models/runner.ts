import { Runner } from '@openai/agents-core';
import type { ChosenModel } from './model.ts';

/** What runs agents on a model: those that name none get it, those that name one get that of the same provider. */
export function createRunner({ provider }: ChosenModel): Runner {
  return new Runner({ modelProvider: provider, tracingDisabled: true });
}
