import { Agent, type Model } from '@openai/agents-core';
import { assistantMessage, ScriptedModel } from '@openai/agents-core/testing';
import * as client from 'prom-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Database } from '../../src/database/database.ts';
import type { Statement } from '../../src/driver/driver.ts';
import { getUsage, QuestlogError, type UsageSums } from '../../src/index.ts';
import { createModel } from '../../src/models/model.ts';
import { createRunner } from '../../src/models/runner.ts';
import { collectMetrics } from '../../src/observe/index.ts';
import { addTool } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { runsOn, strictModel, Talk } from '../support/runs.ts';

describe.each(DATABASES)('what models were used for ($name)', ({ open }) => {
  test('is counted once, also when the database does not say that it was', async () => {
    const db = await open();
    let lost = 0;
    const lossy = new Proxy<Database>(db, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (name !== 'query') return typeof member === 'function' ? member.bind(target) : member;
        return async (statement: Statement) => {
          const result = await target.query(statement);
          if (statement.name !== 'count_call' || lost % 3 === 2) return result;
          lost += 1;
          throw new QuestlogError('outcome_unknown', 'the connection was lost');
        };
      },
    });
    const talk = new Talk(db, runsOn(new Database(lossy)));
    const { model } = await strictModel((input) =>
      input.at(-1)?.type === 'function_call_output'
        ? { text: 'Done.' }
        : { calls: [{ name: 'add', args: { to: 1 } }] },
    );
    const agent = new Agent({ name: 'A', model, tools: [addTool()] });
    expect(await talk.say(agent, 'go')).toMatchObject({ type: 'stream_complete' });
    expect(lost).toBeGreaterThan(1);
    expect((await getUsage(db, talk.userId)).totals).toMatchObject({ requests: 2, totalTokens: 20 });
  });

  test('fails a run that it cannot be stored of', async () => {
    const db = await open();
    const talk = new Talk(db, runsOn(db));
    const breaking = new Proxy<Database>(db, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (name !== 'query') return typeof member === 'function' ? member.bind(target) : member;
        return (statement: Statement) =>
          statement.name === 'count_call'
            ? Promise.reject(new QuestlogError('database_full', 'no room'))
            : target.query(statement);
      },
    });
    const broken = new Talk(db, runsOn(new Database(breaking)), talk);
    const agent = new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage('Hi')]]) });
    expect(await broken.say(agent, 'go')).toMatchObject({ code: 'database_full' });
    expect((await talk.history()).length).toBeGreaterThan(0);
  });

  test.each<[string, unknown, Partial<UsageSums>]>([
    ['nothing', undefined, { totalTokens: 0 }],
    ['null', null, { totalTokens: 0 }],
    ['text', 'many', { totalTokens: 0 }],
    ['zeros', { inputTokens: 0, outputTokens: 0, totalTokens: 0 }, { totalTokens: 0 }],
    ['no numbers', { inputTokens: Number.NaN, outputTokens: Infinity, totalTokens: {} }, { totalTokens: 0 }],
    ['less than nothing', { inputTokens: -7, outputTokens: -3, totalTokens: -10 }, { totalTokens: 0 }],
    ['more than there is', { inputTokens: 1e300, outputTokens: 3, totalTokens: 1e300 }, { totalTokens: 3 }],
    ['numbers as text', { input_tokens: '7', output_tokens: '3' }, { totalTokens: 10, inputTokens: 7 }],
    ['halves', { inputTokens: 7.4, outputTokens: 2.6 }, { totalTokens: 10 }],
    ['a total alone', { totalTokens: 12 }, { totalTokens: 12, inputTokens: 0 }],
    [
      'more in all than in its parts',
      { inputTokens: 7, outputTokens: 3, totalTokens: 15 },
      { totalTokens: 15 },
    ],
    [
      'Chat Completions',
      { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } },
      { totalTokens: 10, cachedInputTokens: 4 },
    ],
    [
      'a list of details',
      {
        inputTokens: 7,
        outputTokens: 3,
        inputTokensDetails: [{ cached_tokens: 2 }, null, { cached_tokens: 2 }],
        outputTokensDetails: [{ reasoning_tokens: 1 }],
      },
      { cachedInputTokens: 4, reasoningTokens: 1 },
    ],
    [
      'more cached than there was',
      { inputTokens: 7, outputTokens: 3, inputTokensDetails: { cached_tokens: 900 } },
      { cachedInputTokens: 7 },
    ],
    [
      'details that are none',
      { inputTokens: 7, outputTokens: 3, inputTokensDetails: 'x', outputTokensDetails: 5 },
      { totalTokens: 10, cachedInputTokens: 0 },
    ],
  ])('fails no run and no metrics, whatever a provider says of it: %s', async (_what, usage, expected) => {
    const db = await open();
    onTestFinished(collectMetrics({ client, registry: new client.Registry() }));
    const warned = vi.fn();
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const model: Model = {
      getResponse: () => Promise.reject(new Error('not asked')),
      async *getStreamedResponse() {
        yield { type: 'response_started' };
        const response = { id: 'r', usage, output: [assistantMessage('Hi')] };
        yield { type: 'model', event: { type: 'x', usage, model: 'a\u0000\ud800b'.repeat(100) } };
        yield { type: 'response_done', response: response as never };
      },
    };
    const talk = new Talk(db, runsOn(db));
    const said = await talk.say(new Agent({ name: 'A', model }), 'go');
    expect(said).toMatchObject({ type: 'stream_complete' });
    const { entries, totals } = await getUsage(db, talk.userId, { by: 'model' });
    expect(totals).toMatchObject({ requests: 1, ...expected });
    expect(entries.map(({ key }) => key?.length)).toEqual([expect.closeTo(150, -2)]);
    expect(warned).not.toHaveBeenCalled();
  });

  test('is counted by the name that was asked for, and has the price of what answered', async () => {
    const db = await open();
    for (const api of ['responses', 'chat_completions'] as const) {
      const { api: server } = await strictModel(() => ({ text: 'Hi' }), { api });
      const chosen = await createModel({ baseUrl: server.baseUrl, api, model: 'router/auto' });
      const prices = { strict: { input: 1e6, output: 1e6 }, 'router/auto': { input: 5e6, output: 5e6 } };
      const talk = new Talk(db, runsOn(db, { runner: createRunner(chosen), prices }));
      await talk.say(new Agent({ name: 'A' }), 'go');
      await talk.say(new Agent({ name: 'B', model: 'constructor' }), 'go');
      const { entries } = await getUsage(db, talk.userId, { by: 'model' });
      expect(entries).toMatchObject([
        { key: 'constructor', cost: 10 },
        { key: 'router/auto', cost: 10 },
      ]);
    }
  });

  test('of an answer that was cut off is counted, and of one that was filtered, and of a failure that says so', async () => {
    const db = await open();
    for (const finish of ['length', 'content_filter', 'error'] as const) {
      const { model } = await strictModel(() => ({ text: 'Hi', finish }));
      const talk = new Talk(db, runsOn(db));
      await talk.say(new Agent({ name: 'A', model }), 'go');
      expect((await getUsage(db, talk.userId)).totals, finish).toMatchObject({
        requests: 1,
        totalTokens: 10,
      });
    }
    const { model } = await strictModel(() => ({ error: { status: 500 } }));
    const talk = new Talk(db, runsOn(db));
    await talk.say(new Agent({ name: 'A', model }), 'go');
    expect((await getUsage(db, talk.userId)).totals).toMatchObject({ requests: 0, cost: 0 });
  });
});
