import { Agent, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import type { Database } from '../../src/database/database.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { eventsOf, runsOn, Talk } from '../support/runs.ts';

type Open = (typeof DATABASES)[0]['open'];

/** An agent that asks for an approval when the gate is open; once approved, it thinks until it is stopped. */
async function stage(open: Open) {
  const db = await open();
  const gate = createGate();
  const thinking = createGate();
  const burnt: string[] = [];
  const burn = tool({
    name: 'burn',
    description: 'Burns',
    parameters: z.object({}),
    needsApproval: true,
    execute: async () => {
      burnt.push('once');
      return 'burnt';
    },
  });
  const asks = modelResponder(async () => {
    thinking.open();
    await gate.opened;
    return [functionCall('burn', {}, { callId: 'a' })];
  });
  const thinks = modelResponder(
    ({ request }) =>
      new Promise((_resolve, reject) => {
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
      }),
  );
  const agent = new Agent({ name: 'A', model: new ScriptedModel([asks, thinks]), tools: [burn] });
  const runs = runsOn(db);
  const talk = new Talk(db, runs);
  const run = await talk.start(agent, 'go');
  await thinking.opened;
  /** The run is over, its readers know it, and the next one works. */
  const expectCancelled = async () => {
    const { userId } = talk;
    await expect.poll(async () => (await runs.get(userId, run.runId)).status).toBe('cancelled');
    const events = await eventsOf(await runs.find(userId, run.runId));
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(JSON.parse(events.at(-1)?.text ?? '')).toMatchObject({ type: 'error', code: 'run_cancelled' });
    const states = { text: 'select 1 from run_states where run_id = $1', values: [run.runId] };
    expect((await db.query(states)).rows).toEqual([]);
    const next = new Agent({ name: 'B', model: new ScriptedModel([[assistantMessage('Fine.')]]) });
    expect(await talk.say(next, 'next')).toMatchObject({ final_output: 'Fine.' });
    return (await talk.history()).map(kindOf);
  };
  const approve = () => runs.decide(talk.userId, run.runId, [{ call_id: 'a', approve: true }]);
  return { db, gate, runs, talk, run, burnt, approve, expectCancelled };
}

/** Makes the next statement, or transaction, that fits wait for `until`. */
function hold(db: Database, until: Promise<unknown>, pattern?: RegExp) {
  const held = createGate();
  const wait = async () => {
    held.open();
    await until;
  };
  const { query, transaction } = db;
  if (pattern === undefined) {
    const spy = vi.spyOn(db, 'transaction').mockImplementationOnce(async (work) => {
      await wait();
      return transaction.call(db, work) as ReturnType<typeof work>;
    });
    onTestFinished(() => spy.mockRestore());
  } else {
    const spy = vi.spyOn(db, 'query').mockImplementation(async (statement) => {
      if (pattern.test(statement.text)) await wait();
      return query.call(db, statement);
    });
    onTestFinished(() => spy.mockRestore());
  }
  return held.opened;
}

const GIVEN_UP = ['user', 'call burn', 'result burn', 'user', 'assistant'];

describe.each(DATABASES)('a cancel ($name)', ({ open }) => {
  test('that another process asked for just before a run pauses ends it instead', async () => {
    const { db, gate, talk, run, burnt, expectCancelled } = await stage(open);
    const others = runsOn(db);
    expect(await others.cancel(talk.userId, run.runId)).toMatchObject({ status: 'running' });
    const following = eventsOf(run);
    gate.open();
    await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
    expect(JSON.parse((await following).at(-1)?.text ?? '')).toMatchObject({ code: 'run_cancelled' });
    expect((await expectCancelled()).slice(-2)).toEqual(['user', 'assistant']);
    expect(burnt).toEqual([]);
  });

  test('that finds a run running and comes when it has just paused ends it all the same', async () => {
    const { db, gate, runs, talk, run, burnt, expectCancelled } = await stage(open);
    const paused = createGate();
    const held = hold(db, paused.opened, /set cancel_requested = true/);
    const cancelling = runs.cancel(talk.userId, run.runId);
    await held;
    gate.open();
    expect(await run.result()).toMatchObject({ type: 'approval_required' });
    paused.open();
    expect(await cancelling).toMatchObject({ status: 'cancelled' });
    expect(await expectCancelled()).toEqual(GIVEN_UP);
    expect(burnt).toEqual([]);
  });

  test('that finds a run waiting and comes when it has just gone on ends it all the same', async () => {
    const { db, gate, runs, talk, run, approve, expectCancelled } = await stage(open);
    gate.open();
    await run.result();
    const resumed = createGate();
    const held = hold(db, resumed.opened);
    const cancelling = runs.cancel(talk.userId, run.runId);
    await held;
    const result = (await approve()).result();
    resumed.open();
    await cancelling;
    await expect(result).rejects.toMatchObject({ code: 'run_cancelled' });
    expect(await expectCancelled()).toEqual(GIVEN_UP);
  });

  test('of a run that waits ends it, from another process too, and a decision then comes too late', async () => {
    const { db, gate, talk, run, burnt, approve, expectCancelled } = await stage(open);
    gate.open();
    await run.result();
    const others = runsOn(db);
    expect(await others.cancel(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
    await expect(approve()).rejects.toMatchObject({ code: 'run_not_waiting' });
    expect(await others.cancel(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
    expect(await expectCancelled()).toEqual(GIVEN_UP);
    expect(burnt).toEqual([]);
  });
});
