import { createRequire } from 'node:module';
import * as sdk from '@openai/agents-core';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/index.ts';
import { Runs } from '../../src/run/index.ts';
import { closedAfterTest } from '../support/databases.ts';

const open = async () => closedAfterTest(await openDatabase('memory://'));

/** Its CommonJS form: as much another copy as another version is. */
const other: typeof sdk = createRequire(import.meta.url)('@openai/agents-core');
const refusal = (what: string) =>
  expect.objectContaining({
    code: 'invalid_configuration',
    message: expect.stringMatching(
      `^the ${what} is of another copy of @openai/agents-core .*npm install @openai/agents@`,
    ),
  });

test('an agent of another copy of the SDK is refused with what to do, when it is given', async () => {
  const runs = new Runs({ db: await open() });
  const agent = new other.Agent({ name: 'Guide' });
  expect(() => runs.register(agent)).toThrow(refusal('agent'));
  await expect(runs.start({ agent, userId: 'ann', chatId: 'c', input: 'Hi' })).rejects.toEqual(
    refusal('agent'),
  );
  runs.register(new sdk.Agent({ name: 'Guide' }));
});

test('so is a runner', async () => {
  const db = await open();
  expect(() => new Runs({ db, runner: new other.Runner() })).toThrow(refusal('runner'));
});
