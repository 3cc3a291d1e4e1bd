import { Agent, type Model, tool } from '@openai/agents-core';
import { assistantMessage, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type DayLimits, getChatCount, getUsage, type QuestlogError } from '../../src/index.ts';
import type { UsageLimits } from '../../src/run/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { appOn, runsOn, strictModel, Talk } from '../support/runs.ts';

/** Each answer takes 10 tokens. */
const PRICES = { strict: { input: 100_000, output: 100_000 } };
const pay = (needsApproval: boolean) =>
  tool({
    name: 'pay',
    description: 'Pays',
    parameters: z.object({}),
    needsApproval,
    execute: async () => 'paid',
  });

type Open = (typeof DATABASES)[0]['open'];

/** An agent that pays `times` and has done. */
async function stage(open: Open, limits: UsageLimits, { times = 0, needsApproval = false } = {}) {
  const db = await open();
  const { api, model } = await strictModel((input) => {
    const from = input.findLastIndex(({ role }) => role === 'user');
    const done = input.slice(from).filter(({ type }) => type === 'function_call_output').length;
    return done < times ? { calls: [{ name: 'pay', args: {}, id: `call${done}` }] } : { text: 'Done.' };
  });
  const agent = new Agent({ name: 'A', model, tools: [pay(needsApproval)] });
  const runs = runsOn(db, { limits, prices: PRICES });
  const talk = new Talk(db, runs);
  const { ask } = await appOn(runs, db, agent, talk.userId);
  return { db, api, agent, runs, talk, ask };
}

const isRefusal = (limit: keyof DayLimits) => ({ code: 'usage_limit', details: { limit } });

describe.each(DATABASES)('a limit of what a user uses in a day ($name)', ({ open }) => {
  test.each<[string, DayLimits]>([
    ['runs', { runs: 1, tokens: 1_000 }],
    ['tokens', { tokens: 10 }],
    ['cost', { cost: 1 }],
    ['tokens', { tokens: 0 }],
    ['runs', { runs: 0 }],
  ])(
    'of %s refuses the run that is beyond it, before anything is stored or asked: %j',
    async (limit, limits) => {
      const { db, api, talk, ask } = await stage(open, limits);
      const allowed = Object.values(limits).includes(0) ? 0 : 1;
      if (allowed > 0) expect((await ask('POST', '/chat/run', { input: 'go' })).statusCode).toBe(200);
      for (const path of ['/chat/run', '/chat/stream']) {
        const refused = await ask('POST', path, { input: 'go' });
        const { retry_after: seconds, ...problem } = refused.json();
        const midnight = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;
        expect([refused.statusCode, problem]).toEqual([
          429,
          {
            ...{ title: 'Too Many Requests', status: 429, code: 'usage_limit', limit, resets_at: midnight },
            detail: expect.stringContaining(midnight),
          },
        ]);
        expect(refused.headers['retry-after']).toBe(String(seconds));
        expect(Math.abs(Date.parse(midnight) - Date.now() - seconds * 1_000)).toBeLessThan(5_000);
      }
      expect([api.asked.length, await getChatCount(db, talk.userId)]).toEqual([allowed, allowed]);
      // Others have theirs.
      const other = await talk
        .start(new Agent({ name: 'B', model: new ScriptedModel([[assistantMessage('Hi')]]) }), 'go', {
          userId: newUser(),
          chatId: undefined,
        })
        .catch((error: QuestlogError) => error.code);
      expect(other).toEqual(allowed > 0 ? expect.anything() : 'usage_limit');
    },
  );

  test('ends a run that comes to it, which keeps what it has made', async () => {
    const { api, talk, agent, runs } = await stage(open, { tokens: 25 }, { times: 9 });
    const run = await talk.start(agent, 'go');
    await expect(run.result()).rejects.toMatchObject(isRefusal('tokens'));
    expect(api.asked).toHaveLength(3);
    expect((await talk.history()).map(({ type }) => type)).toEqual([
      'message',
      ...Array.from({ length: 3 }, () => ['function_call', 'function_call_result']).flat(),
    ]);
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({
      status: 'failed',
      error: { code: 'usage_limit', limit: 'tokens', resets_at: expect.any(String) },
      usage: { total_tokens: 30 },
    });
  });

  test('of runs lets as many begin as there is room for, of many at once in two processes', async () => {
    const { db, talk, agent, runs } = await stage(open, { runs: 5 });
    const others = runsOn(db, { limits: { runs: 5 } });
    const all = await Promise.allSettled(
      Array.from({ length: 16 }, (_, index) =>
        (index % 2 ? runs : others).start({ agent, input: 'go', userId: talk.userId, chatId: undefined }),
      ),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject(isRefusal('runs'));
      else await one.value.result();
  });

  test('does not count what did not begin, and answers a repeated request beyond it', async () => {
    const db = await open();
    const gate = createGate();
    const model: Model = {
      getResponse: () => Promise.reject(new Error('not asked')),
      async *getStreamedResponse() {
        await gate.opened;
        yield* new ScriptedModel([[assistantMessage('Hi')]]).getStreamedResponse({ input: 'go' } as never);
      },
    };
    const agent = new Agent({ name: 'A', model });
    const runs = runsOn(db, { limits: { runs: 3 } });
    const talk = new Talk(db, runs);
    const first = await talk.start(agent, 'go', { idempotencyKey: 'key' });
    for (let times = 0; times < 5; times += 1)
      await expect(talk.start(agent, 'go')).rejects.toMatchObject({ code: 'chat_busy' });
    await expect(talk.start(agent, 'other', { idempotencyKey: 'key' })).rejects.toMatchObject({
      code: 'key_reused',
    });
    const second = { chatId: undefined, idempotencyKey: 'twice' };
    const twins = await Promise.all([1, 2].map(() => talk.start(agent, 'go', second)));
    expect(twins[0]?.runId).toBe(twins[1]?.runId);
    await talk.start(agent, 'go', { chatId: null });
    await expect(talk.start(agent, 'go', { chatId: null })).rejects.toMatchObject(isRefusal('runs'));
    expect((await talk.start(agent, 'go', { idempotencyKey: 'key' })).runId).toBe(first.runId);
    gate.open();
    await Promise.all([...twins, first].map((run) => run.result()));
  });

  test('leaves a run waiting whose decision comes beyond it', async () => {
    let limits: DayLimits | undefined = { tokens: 10 };
    const { talk, agent, ask, runs } = await stage(open, () => limits, { times: 1, needsApproval: true });
    const run = await talk.start(agent, 'go');
    await run.result();
    const decide = () =>
      ask('POST', `/runs/${run.runId}/approvals`, { decisions: [{ call_id: 'call0', approve: true }] });
    expect([(await decide()).statusCode, (await decide()).json().code]).toEqual([429, 'usage_limit']);
    expect(await runs.get(talk.userId, run.runId)).toMatchObject({ status: 'awaiting_approval' });
    limits = undefined;
    expect((await decide()).statusCode).toBe(202);
    await expect.poll(async () => (await runs.get(talk.userId, run.runId)).status).toBe('completed');
  });

  test('holds a model that writes titles, too, whose calls are counted', async () => {
    for (const [tokens, calls] of [
      [11, 1],
      [10, 0],
    ] as const) {
      const { db, agent } = await stage(open, {});
      const { api, model } = await strictModel(() => ({ text: 'Title' }));
      const runs = runsOn(db, { limits: { tokens }, titles: { model } });
      const talk = new Talk(db, runs);
      const { run_id: runId } = (await talk.say(agent, 'go')) as { run_id: string };
      await runs.close(5_000);
      expect(api.asked).toHaveLength(calls);
      const { entries } = await getUsage(db, talk.userId, { by: 'run' });
      expect(entries).toMatchObject([{ key: runId, requests: 1 + calls, totalTokens: 10 * (1 + calls) }]);
    }
  });

  test('ends with the day of UTC, wherever the server is', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-28T23:59:59.500-00:00') });
    try {
      const { talk, agent, db } = await stage(open, { tokens: 10 });
      const anew = { chatId: undefined };
      expect(await talk.say(agent, 'go', anew)).toMatchObject({ type: 'stream_complete' });
      const refused = await talk.start(agent, 'go', anew).catch((error: QuestlogError) => error);
      expect(refused).toMatchObject({
        details: { retry_after: 1, resets_at: '2026-03-29T00:00:00.000Z' },
      });
      vi.setSystemTime(new Date('2026-03-29T00:00:00.001Z'));
      expect(await talk.say(agent, 'go', anew)).toMatchObject({ type: 'stream_complete' });
      const { entries } = await getUsage(db, talk.userId, { from: '2026-03-01', to: '2026-03-31' });
      expect(entries.map(({ key, requests }) => [key, requests])).toEqual([
        ['2026-03-29', 1],
        ['2026-03-28', 1],
      ]);
    } finally {
      vi.useRealTimers();
    }
  });
});

test.each<[unknown, string]>([
  [{ limits: { tokens: -1 } }, 'limits.tokens'],
  [{ limits: { runs: 1.5 } }, 'limits.runs'],
  [{ limits: { cost: Number.NaN } }, 'limits.cost'],
  [{ limits: { token: 1 } }, 'limits.token'],
  [{ limits: 5 }, 'limits'],
  [{ prices: { m: { input: 1 } } }, 'prices.m.output'],
  // As a router says of its automatic choice.
  [{ prices: { m: { input: -1_000_000, output: 1 } } }, 'prices.m.input'],
  [{ prices: { m: { input: '1', output: 1 } } }, 'prices.m.input'],
  [{ prices: { m: { input: 1, output: 1, cached_input: 1 } } }, 'prices.m.cached_input'],
  [{ prices: { m: 5 } }, 'prices.m'],
  [{ prices: [] }, 'prices'],
])('what is wrong with prices and limits is refused by its name: %j', async (options, field) => {
  const db = await DATABASES[0]?.open();
  const refused = (() => {
    try {
      return runsOn(db as never, options as never);
    } catch (error) {
      return error;
    }
  })();
  expect(refused).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(field) });
});
