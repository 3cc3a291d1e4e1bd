import { Agent, tool } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { getUsageOfChat } from '../../src/store/runs/runs.ts';
import { DATABASES } from '../support/databases.ts';
import { eventOf, runsOn, strictModel, Talk } from '../support/runs.ts';
import type { Reply } from '../support/strict/reply.ts';

type Open = (typeof DATABASES)[0]['open'];

const pay = (needsApproval: boolean) =>
  tool({
    name: 'pay',
    description: 'Pays',
    parameters: z.object({}),
    needsApproval,
    execute: async () => 'paid',
  });

/** A run whose model calls a tool, and after that answers as `last` says. Each answer that ends takes 10 tokens. */
async function stage(open: Open, last: Reply, needsApproval = false) {
  const db = await open();
  const { model } = await strictModel((input) =>
    input.at(-1)?.type === 'function_call_output' ? last : { calls: [{ name: 'pay', args: {}, id: 'a' }] },
  );
  const runs = runsOn(db);
  const talk = new Talk(db, runs);
  const run = await talk.start(new Agent({ name: 'A', model, tools: [pay(needsApproval)] }), 'go');
  const stored = async () => {
    const { status, usage } = await runs.get(talk.userId, run.runId);
    expect(await getUsageOfChat(db, talk.userId, talk.chatId)).toMatchObject({
      totalTokens: usage?.total_tokens,
    });
    return { status, usage };
  };
  const decide = () => runs.decide(talk.userId, run.runId, [{ call_id: 'a', approve: true }]);
  return { runs, talk, run, stored, decide };
}

const used = (requests: number) => ({
  requests,
  input_tokens: 7 * requests,
  output_tokens: 3 * requests,
  total_tokens: 10 * requests,
});
const spoke = (word: string) => (event: { type: string; delta?: unknown }) =>
  event.type === 'raw_response' && event.delta === word;

describe.each(DATABASES)('what the model was used for is stored ($name)', ({ open }) => {
  test('of a run that failed later', async () => {
    const { run, stored } = await stage(open, { error: { status: 400 } });
    await expect(run.result()).rejects.toMatchObject({ code: 'model_input_refused' });
    expect(await stored()).toEqual({ status: 'failed', usage: used(1) });
  });

  test('of a run that was cancelled in mid-answer', async () => {
    const { runs, talk, run, stored } = await stage(open, { text: 'one two', hangAfter: 1 });
    await eventOf(run, spoke('one '));
    await runs.cancel(talk.userId, run.runId);
    await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
    expect(await stored()).toEqual({ status: 'cancelled', usage: used(1) });
  });

  test('of a run that a shutdown interrupted', async () => {
    const { runs, run, stored } = await stage(open, { text: 'one two', hangAfter: 1 });
    await eventOf(run, spoke('one '));
    await runs.close(0);
    await expect(run.result()).rejects.toMatchObject({ code: 'run_interrupted' });
    expect(await stored()).toEqual({ status: 'interrupted', usage: used(1) });
  });

  test('of a run that waits, and of all its parts when it has gone on, whether it then fails or not', async () => {
    const parts = [
      { last: { text: 'Done.' }, status: 'completed', total: 2 },
      { last: { error: { status: 400 } }, status: 'failed', total: 1 },
    ] as const;
    for (const { last, status, total } of parts) {
      const { run, stored, decide } = await stage(open, last, true);
      expect(await run.result()).toMatchObject({ usage: used(1) });
      expect(await stored()).toEqual({ status: 'awaiting_approval', usage: used(1) });
      await (await decide()).result().catch(() => undefined);
      expect(await stored()).toEqual({ status, usage: used(total) });
    }
  });

  test('of a run that was given up while it waited', async () => {
    const { runs, talk, run, stored } = await stage(open, {}, true);
    await run.result();
    await runs.cancel(talk.userId, run.runId);
    expect(await stored()).toEqual({ status: 'cancelled', usage: used(1) });
  });
});
