/** Tests of your own agent, with `node --test`: no key, no server, and a real database in memory. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Agent, tool } from '@openai/agents';
import { DatabaseSession, runDurably } from 'questlog';
import { Runs } from 'questlog/runs';
import { openTestDatabase, scriptModel } from 'questlog/testing';
import { z } from 'zod';

const db = await openTestDatabase();
after(() => db.close());

const refund = tool({
  name: 'refund',
  description: 'Gives the money back',
  parameters: z.object({ order: z.number() }),
  needsApproval: true,
  execute: async ({ order }) => `order ${order} is refunded`,
});

test('the agent remembers what was said', async () => {
  const model = scriptModel('Hello Robin.', 'You are Robin.');
  const agent = new Agent({ name: 'Support', model });
  const { chatId } = await runDurably(agent, 'I am Robin', { db, userId: 'ada' });
  const { finalOutput } = await runDurably(agent, 'Who am I?', { db, userId: 'ada', chatId });
  assert.equal(finalOutput, 'You are Robin.');
  assert.equal((await new DatabaseSession(chatId ?? '', db, { userId: 'ada' }).getItems()).length, 4);
});

test('a refund waits until somebody approves it', async () => {
  const model = scriptModel({ tool: 'refund', arguments: { order: 7 } }, 'Done.');
  const agent = new Agent({ name: 'Support', model, tools: [refund] });
  const runs = new Runs({ db });
  const run = await runs.start({ agent, userId: 'ada', input: 'Refund order 7' });
  await run.result();
  const [waiting] = await runs.list('ada', { status: 'awaiting_approval' });
  const decisions = (waiting?.pending ?? []).map(({ call_id }) => ({ call_id, approve: true }));
  const result = await (await runs.decide('ada', run.runId, decisions)).result();
  assert.equal(result.type === 'stream_complete' && result.final_output, 'Done.');
  await runs.close(0);
});
