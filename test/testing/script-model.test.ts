import { Agent, run } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { runDurably } from '../../src/index.ts';
import { Runs } from '../../src/run/runs.ts';
import { openTestDatabase, scriptModel } from '../../src/testing/index.ts';
import { closedAfterTest, newUser } from '../support/databases.ts';

test('a script that is used up is named by its answers: to who runs it, and in the log', async () => {
  const db = closedAfterTest(await openTestDatabase());
  const model = scriptModel([{ tool: 'look_up' }, { tool: 'refund' }], 'Two'.padEnd(100, '.'));
  const words = `scriptModel(look_up + refund, "${'Two'.padEnd(40, '.')}…") has no answer 3`;
  await model.getResponse({ input: 'Hi', modelSettings: {}, tools: [], handoffs: [] } as never);
  const agent = new Agent({ name: 'A', model });
  await run(agent, 'Hi');
  const refusal = { code: 'run_failed', message: words };
  await expect(run(agent, 'Hi')).rejects.toMatchObject(refusal);
  await expect(runDurably(agent, 'Hi', { db, userId: newUser() })).rejects.toMatchObject(refusal);

  const logged: unknown[] = [];
  const note = (fields: unknown) => void logged.push(fields);
  const log = { info: note, warn: note, error: note, debug: note, child: () => log } as never;
  const runs = new Runs({ db });
  const started = await runs.start({ agent, userId: newUser(), input: 'Hi', log });
  await expect(started.result()).rejects.toMatchObject(refusal);
  await runs.close(0);
  expect(JSON.stringify(logged)).toContain(JSON.stringify(words));
});
