import { Agent, type Model } from '@openai/agents-core';
import { assistantMessage } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { Database } from '../../src/database/database.ts';
import type { Statement } from '../../src/driver/driver.ts';
import { getUsage } from '../../src/index.ts';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';

/** A database that does something before it counts a call. */
function onCount(db: Database, work: () => Promise<void>): Database {
  const proxy = new Proxy<Database>(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name !== 'query') return typeof member === 'function' ? member.bind(target) : member;
      return async (statement: Statement) => {
        if (statement.name === 'count_call') await work();
        return target.query(statement);
      };
    },
  });
  return new Database(proxy);
}

describe.each(DATABASES)('a limit of what a user uses in a day ($name)', ({ open }) => {
  test('is overrun by no more than ten calls at once of a process', async () => {
    const db = await open();
    const [all, counted] = [createGate(), createGate()];
    let counts = 0;
    // A place is given on when its call is counted, and not before.
    const slow = onCount(db, async () => {
      counts += 1;
      if (counts === 10) all.open();
      await counted.opened;
    });
    const [gate, waiting] = [createGate(), createGate()];
    let calls = 0;
    const model: Model = {
      getResponse: () => Promise.reject(new Error('not asked')),
      async *getStreamedResponse() {
        calls += 1;
        if (calls === 10) waiting.open();
        yield { type: 'response_started' };
        await gate.opened;
        const usage = { inputTokens: 5, outputTokens: 5, totalTokens: 10 };
        yield {
          type: 'response_done',
          response: { id: 'r', usage, output: [assistantMessage('Hi')] },
        } as never;
      },
    };
    const runs = runsOn(slow, { limits: { tokens: 1 } });
    const talk = new Talk(db, runs);
    const agent = new Agent({ name: 'A', model });
    const begun = await Promise.all(
      Array.from({ length: 25 }, () => talk.start(agent, 'go', { chatId: undefined })),
    );
    await waiting.opened;
    gate.open();
    await all.opened;
    for (let turn = 0; turn < 9; turn += 1) await getUsage(db, talk.userId);
    counted.open();
    const ended = await Promise.allSettled(begun.map((run) => run.result()));
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    for (const one of ended)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'usage_limit', details: { limit: 'tokens' } });
    expect([calls, (await getUsage(db, talk.userId)).totals.totalTokens]).toEqual([10, 100]);
  });
});
