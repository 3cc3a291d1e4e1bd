import { Agent } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { query } from '../../src/driver/driver.ts';
import {
  deleteUserData,
  getUsage,
  hardDeleteChat,
  migrate,
  purge,
  readUserData,
  type UsageOptions,
} from '../../src/index.ts';
import { copyChats } from '../../src/store/copy.ts';
import { beginRunWithoutChat } from '../../src/store/runs/begin-run.ts';
import { type CountedCall, countCall } from '../../src/store/usage/count-call.ts';
import { getUsageOfDay } from '../../src/store/usage/usage-days.ts';
import { closedAfterTest, DATABASES, newUser } from '../support/databases.ts';
import { runsOn, strictModel, Talk } from '../support/runs.ts';

describe.each(DATABASES)('what models were used for ($name)', ({ open, openEmpty }) => {
  test('of a call that is sent again, at once, later or on another day, is counted once, in all sums', async () => {
    const db = await open();
    const call = (writer: string, number: number): CountedCall => ({
      ...{ userId, day: '2026-12-01', runId: 'r', chatId: null, model: 'm', requests: 1, cost: '0.25' },
      ...{ writer, number, tokens: { input: 7, cachedInput: 2, output: 3, reasoning: 1, total: 10 } },
    });
    const userId = newUser();
    await beginRunWithoutChat(db, { userId, runId: 'r', agent: 'A', leaseMs: 1_000 });
    const sent = ['a1', 'a1', 'a2', 'a1', 'b1', 'a2', 'b1', 'a3', 'a3', 'a2'];
    for (const [writer = '', number] of sent) await countCall(db, call(writer, Number(number)));
    await Promise.all([1, 2, 3].map(() => countCall(db, call('b', 2))));
    const sums = {
      requests: 5,
      unpricedRequests: 0,
      inputTokens: 35,
      cachedInputTokens: 10,
      totalTokens: 50,
    };
    const { totals } = await getUsage(db, userId, { from: '2026-12-01', to: '2026-12-01' });
    expect(totals).toMatchObject({ runs: 1, ...sums, outputTokens: 15, reasoningTokens: 5, cost: 1.25 });
    expect(await getUsageOfDay(db, userId, '2026-12-01')).toEqual({ runs: 0, tokens: 50, cost: 1.25 });
  });

  test('of a call under way is nobody’s when all of its user was removed, and counts when only its chat was', async () => {
    const db = await open();
    const { model } = await strictModel(() => ({ text: 'Hi' }));
    const talk = new Talk(db, runsOn(db));
    await talk.say(new Agent({ name: 'A', model }), 'go');
    const { userId, chatId } = talk;
    const { totals } = await getUsage(db, userId);
    const [{ runId, day } = { runId: '', day: '' }] = await query<{ runId: string; day: string }>(db, {
      userId,
      text: `select run_id as "runId", day::text as day from model_usage where user_id = $1`,
      values: [userId],
    });
    const late = (number: number): CountedCall => ({
      ...{ userId, day, runId, chatId, model: 'm', requests: 1, cost: null, writer: 'late', number },
      tokens: { input: 1, cachedInput: 0, output: 0, reasoning: 0, total: 1 },
    });
    await hardDeleteChat(db, chatId, userId);
    await countCall(db, late(1));
    expect((await getUsage(db, userId)).totals.requests).toBe(totals.requests + 1);
    await deleteUserData(db, userId);
    await countCall(db, late(2));
    expect(await deleteUserData(db, userId)).toEqual({});
  });

  test.each<[UsageOptions, string]>([
    [{ by: 'agent' as never }, 'by'],
    [{ from: '2026-02-30' }, 'from'],
    [{ to: '2026-2-3' }, 'to'],
    [{ to: '0000-01-01' }, 'to'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'from'],
    [{ from: '2025-02-02', to: '2026-02-03' }, 'from'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 101 }, 'limit'],
    [{ after: 'a\u0000' }, 'after'],
    [{ days: 3 } as never, 'days'],
  ])('is asked for in a range that has a bound, and what is wrong is named: %j', async (options, field) => {
    const db = await open();
    await expect(getUsage(db, newUser(), options)).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ field }],
    });
    const first = await getUsage(db, newUser(), { to: '0001-01-02' });
    expect(first).toMatchObject({ from: '0001-01-01', entries: [], totals: { requests: 0, cost: 0 } });
    expect(await getUsage(db, newUser(), { from: '2026-01-01', to: '2027-01-01' })).toMatchObject({
      next: undefined,
    });
  });

  test('goes and comes with all else of its user, is copied with the chats, and is purged when it is old', async () => {
    const db = await openEmpty();
    await migrate(db);
    const { model } = await strictModel(() => ({ text: 'Hi' }));
    const talk = new Talk(db, runsOn(db));
    await talk.say(new Agent({ name: 'A', model }), 'go');
    await talk.say(new Agent({ name: 'A', model }), 'go', { chatId: null });
    await hardDeleteChat(db, talk.chatId, talk.userId);
    const target = closedAfterTest(await openDatabase('memory://'));
    await migrate(target);
    await copyChats(db, target);
    expect(await getUsage(target, talk.userId, { by: 'chat' })).toEqual(
      await getUsage(db, talk.userId, { by: 'chat' }),
    );
    const lines = [];
    for await (const text of readUserData(target, talk.userId)) lines.push(...text.trim().split('\n'));
    const tables = lines.map((line) => JSON.parse(line).table);
    expect(tables.sort()).toEqual(['model_usage', 'model_usage', 'usage_days']);
    expect(await deleteUserData(target, talk.userId)).toEqual({ model_usage: 2, usage_days: 1 });
    const age = (table: string) =>
      db.query({
        userId: null,
        text: `update ${table} set day = day - 9 where user_id = $1`,
        values: [talk.userId],
      });
    for (const [keep, gone] of [
      [{ usageDays: 1 }, 0],
      [{ usageDays: 9 }, 0],
      [{ usageDays: 8 }, 2],
    ] as const) {
      if (keep.usageDays === 9) for (const table of ['model_usage', 'usage_days']) await age(table);
      expect((await purge(db, keep, { dryRun: true })).usage).toBe(gone);
      expect((await purge(db, keep)).usage).toBe(gone);
    }
    expect(await deleteUserData(db, talk.userId)).not.toHaveProperty('usage_days');
  });
});
