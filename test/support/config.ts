import { expect } from 'vitest';
import { QuestlogError } from '../../src/errors.ts';
import { readConfig } from '../../src/server/config.ts';

/** The fields that are wrong in an environment, and what the start of the server says about them. */
export function refusalOf(env: Record<string, string>): { fields: string[]; message: string } {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof QuestlogError)) throw error;
    expect(error.code).toBe('invalid_configuration');
    return { fields: error.errors.map(({ field }) => field), message: error.message };
  }
  return { fields: [], message: '' };
}
