import { MemorySession } from '@openai/agents-core';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { type Database, DatabaseSession } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { GUARDED_RUNS, LEFT_STREAMS, PAUSED_RUNS } from './guarded-scenarios.ts';
import { BAD_RUNS, GOOD_RUNS } from './run-scenarios.ts';
import { type Scenario, Stage, shapeOf } from './stage.ts';

const SCENARIOS = [GOOD_RUNS, BAD_RUNS, GUARDED_RUNS, PAUSED_RUNS, LEFT_STREAMS].flat();

const CASES = SCENARIOS.flatMap((scenario) =>
  (['whole', 'streamed'] as const)
    .filter((mode) => scenario.only === undefined || scenario.only === mode)
    .map((mode) => ({ ...scenario, mode, title: `${scenario.title} (${mode})` })),
);

describe.each(DATABASES)(
  'the SDK’s run on $name does with DatabaseSession what it does with MemorySession',
  ({ open }) => {
    it.each(CASES)('$title', async ({ play, stored, mode }) => {
      const expected = await perform(play, new MemorySession(), newUser(), mode);
      const actual = await performOn(await open(), play, mode);
      expect(actual).toEqual(expected);
      expect(expected.shape).toBe(typeof stored === 'string' ? stored : stored[mode]);
    });
  },
);

/** Plays on a session that learns its user from the run, and reads the end of it with another one. */
async function performOn(db: Database, play: Scenario['play'], mode: string) {
  const chatId = newId();
  const userId = newUser();
  const session = new DatabaseSession<{ userId: string }>(chatId, db, {
    userId: ({ context }) => context.userId,
  });
  return perform(play, session, userId, mode, new DatabaseSession(chatId, db, { userId }));
}

async function perform(
  play: Scenario['play'],
  session: DatabaseSession<{ userId: string }> | MemorySession,
  userId: string,
  mode: string,
  reader: DatabaseSession | MemorySession = session as MemorySession,
) {
  const stage = new Stage(session, { userId }, mode === 'streamed');
  await play(stage);
  const history = await reader.getItems();
  return {
    outcomes: stage.outcomes,
    inputs: stage.inputs(),
    history: history.map((item) => JSON.stringify(item)),
    shape: shapeOf(history),
  };
}
