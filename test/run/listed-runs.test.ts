import { Agent, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newId } from '../../src/ids.ts';
import type { Run, RunListOptions } from '../../src/run/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { runsOn } from '../support/runs.ts';

const pay = tool({
  name: 'pay',
  description: 'Pays',
  parameters: z.object({ gold: z.number() }),
  needsApproval: true,
  execute: async () => 'paid',
});
const saying = (text: string) =>
  new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage(text)]]) });
const paying = () =>
  new Agent({
    name: 'P',
    tools: [pay],
    model: new ScriptedModel([[functionCall('pay', { gold: 5 }, { callId: 'c1' })]]),
  });

describe.each(DATABASES)('what is stored of runs, as objects ($name)', ({ open }) => {
  test('tells how each ended, and what the waiting ones wait for', async () => {
    const runs = runsOn(await open());
    const userId = newUser();
    const done = await runs.start({ agent: saying('Hail!'), userId, input: 'hi' });
    await done.result();
    expect(await runs.get(userId, done.runId)).toMatchObject({
      ...{
        runId: done.runId,
        userId,
        chatId: done.chatId,
        agent: 'A',
        status: 'completed',
        finalOutput: 'Hail!',
      },
      ...{
        usage: { requests: 1 },
        error: null,
        pending: [],
        startedAt: expect.any(Date),
        endedAt: expect.any(Date),
      },
    });
    const waiting = await runs.start({ agent: paying(), userId, input: 'pay' });
    await waiting.result();
    const { pending, finalOutput } = await runs.get(userId, waiting.runId);
    expect(pending.map(({ name, call_id }) => [name, call_id])).toEqual([['pay', 'c1']]);
    expect(finalOutput).toBeNull();
    const { status, error } = await runs.cancel(userId, waiting.runId);
    expect([status, error?.code]).toEqual(['cancelled', 'run_cancelled']);
  });

  test('are listed of one user, newest first, in pages, by chat and by status', async () => {
    const runs = runsOn(await open());
    const userId = newUser();
    const chatId = newId();
    const begun: Run[] = [];
    for (const agent of [saying('1'), saying('2'), paying()]) {
      const run = await runs.start({
        agent,
        userId,
        chatId: begun.length === 0 ? null : chatId,
        input: 'go',
      });
      await run.result();
      begun.push(run);
    }
    const [first, second, waiting] = begun.map(({ runId }) => runId);
    const listed = async (options?: RunListOptions) =>
      (await runs.list(userId, options)).map(({ runId }) => runId);
    expect(await listed()).toEqual([waiting, second, first]);
    expect(await listed({ limit: 1, before: waiting })).toEqual([second]);
    expect(await listed({ chatId })).toEqual([waiting, second]);
    expect(await listed({ status: 'awaiting_approval' })).toEqual([waiting]);
    expect(await listed({ before: newId() })).toEqual([]);
    expect(await runs.list(newUser(), { chatId })).toEqual([]);
  });

  test('are refused to options that say nothing, by their names', async () => {
    const runs = runsOn(await open());
    const wrong: [object, string][] = [
      [{ limit: 0 }, 'limit'],
      [{ limit: Number.NaN }, 'limit'],
      [{ status: 'waiting' }, 'status'],
      [{ chatId: 7 }, 'chatId'],
      [{ before: '' }, 'before'],
    ];
    for (const [options, field] of wrong) {
      await expect(runs.list(newUser(), options as RunListOptions)).rejects.toMatchObject({
        ...{ code: 'invalid_request', errors: [{ field }] },
      });
    }
    await expect(runs.list('')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('come with their events, typed, whoever reads them and without an argument', async () => {
    const runs = runsOn(await open());
    const userId = newUser();
    const run = await runs.start({ agent: saying('Hail!'), userId, input: 'hi' });
    const elsewhere = await runsOn(await open()).find(userId, run.runId);
    for (const reader of [run, elsewhere]) {
      const types: string[] = [];
      for await (const { id, event } of reader.events()) {
        types.push(event.type);
        if (event.type === 'stream_complete')
          expect([id, event.final_output]).toEqual([types.length, 'Hail!']);
      }
      expect(types.at(-1)).toBe('stream_complete');
    }
  });
});
