import fc from 'fast-check';
import { beforeAll, describe, test, vi } from 'vitest';
import {
  anyHistoryIsLeftAlone,
  anyHistoryIsTaken,
  OPENAI_APIS,
  soundHistoryIsKept,
  takenHistoryIsKept,
} from './model-input-property.ts';

const RUNS = { numRuns: 500 };

// The SDK warns of every tool output that it replaces.
beforeAll(() => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  return () => warn.mockRestore();
});

describe.each(OPENAI_APIS)('%s', (api) => {
  test('takes whatever history is stored, with the question of the user', async () => {
    await fc.assert(anyHistoryIsTaken(api), RUNS);
  });

  test('gets all of a history that it takes as it is', async () => {
    await fc.assert(soundHistoryIsKept(api), RUNS);
    await fc.assert(takenHistoryIsKept(api), RUNS);
  });
});

test('a model of another kind gets whatever history is stored, and nothing stored changes', () => {
  fc.assert(anyHistoryIsLeftAlone('other'), RUNS);
});
