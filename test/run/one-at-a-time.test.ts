import { Agent } from '@openai/agents-core';
import { assistantMessage, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { migrate } from '../../src/driver/migrate.ts';
import type { QuestlogError } from '../../src/errors.ts';
import { newId } from '../../src/ids.ts';
import { deleteChat, hardDeleteChat, updateChat } from '../../src/store/chats/chats.ts';
import { closedAfterTest, createPostgresDatabase, DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';

/** An agent that answers when the gate is open, or stops when it is told to. */
function patientAgent() {
  const gate = createGate();
  const answer = modelResponder(async ({ request }) => {
    const aborted = new Promise<never>((_resolve, reject) => {
      request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
    });
    await Promise.race([gate.opened, aborted]);
    return [assistantMessage('Done.')];
  });
  return { agent: new Agent({ name: 'A', model: new ScriptedModel(Array(40).fill(answer)) }), gate };
}

describe.each(DATABASES)('a chat ($name)', ({ open }) => {
  test('has one run at a time: of 16 at once exactly one begins, and the others learn which', async () => {
    const db = await open();
    const { agent, gate } = patientAgent();
    const talk = new Talk(db, runsOn(db));
    const starts = await Promise.allSettled(
      Array.from({ length: 16 }, (_, index) => talk.start(agent, `hi ${index}`)),
    );
    const begun = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const refused = starts.flatMap((start) =>
      start.status === 'rejected' ? [start.reason as QuestlogError] : [],
    );
    expect(begun).toHaveLength(1);
    for (const { code, details } of refused) {
      expect([code, details]).toEqual(['chat_busy', { run_id: begun[0]?.runId }]);
    }
    gate.open();
    await begun[0]?.result();
    expect(await talk.history()).toHaveLength(2);
    expect(await talk.say(agent, 'again')).toMatchObject({ final_output: 'Done.' });
  });

  test('that is made by 16 at once has one run at a time, and no start fails for another reason', async () => {
    const db = await open();
    for (let round = 0; round < 100; round++) {
      const answers = Array(16).fill([assistantMessage('Done.')]);
      const agent = new Agent({ name: 'A', model: new ScriptedModel(answers) });
      const talk = new Talk(db, runsOn(db));
      const starts = await Promise.allSettled(Array.from({ length: 16 }, () => talk.start(agent, 'hi')));
      const refusals = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason.code] : []));
      expect(new Set(refusals)).toEqual(new Set(['chat_busy']));
      for (const start of starts) if (start.status === 'fulfilled') await start.value.result();
    }
  });

  test('that is busy does not exist for anybody else', async () => {
    const db = await open();
    // There it is no other chat's id: each user has ids of their own.
    if (db.isDistributed) return;
    const { agent, gate } = patientAgent();
    const runs = runsOn(db);
    const talk = new Talk(db, runs);
    const run = await talk.start(agent, 'hi');
    await expect(talk.start(agent, 'hi', { userId: newUser() })).rejects.toMatchObject({
      code: 'chat_not_found',
    });
    gate.open();
    await run.result();
  });

  test('is not shared by two `Runs` of one process: the second neither begins a run nor ends the first', async () => {
    const db = await open();
    const { agent, gate } = patientAgent();
    const talk = new Talk(db, runsOn(db));
    const run = await talk.start(agent, 'hi');
    const other = runsOn(db);
    await other.recover();
    const request = { agent, input: 'hi', userId: talk.userId, chatId: talk.chatId };
    await expect(other.start(request)).rejects.toMatchObject({ code: 'chat_busy' });
    gate.open();
    expect(await run.result()).toMatchObject({ final_output: 'Done.' });
  });
});

describe.each(DATABASES)('a chat that is changed during a run ($name)', ({ open }) => {
  test('that is deleted for good ends its run, which leaves nothing behind', async () => {
    const db = await open();
    const { agent, gate } = patientAgent();
    const runs = runsOn(db, { leaseMs: 400 });
    const talk = new Talk(db, runs);
    const run = await talk.start(agent, 'hi');
    expect(await hardDeleteChat(db, talk.chatId, talk.userId)).toBe(true);
    await expect(run.result()).rejects.toMatchObject({ code: 'chat_not_found' });
    gate.open();
    await expect(runs.get(talk.userId, run.runId)).rejects.toMatchObject({ code: 'run_not_found' });
    expect(await talk.history()).toEqual([]);
  });

  test('whose history is replaced during a run keeps the new one, with the run’s answer', async () => {
    const db = await open();
    const { agent, gate } = patientAgent();
    const talk = new Talk(db, runsOn(db));
    const run = await talk.start(agent, 'hi');
    const conversation = [{ role: 'user', content: 'Another story.' }];
    await updateChat(db, talk.chatId, talk.userId, { conversation });
    gate.open();
    await run.result();
    expect(await talk.history()).toMatchObject([...conversation, { role: 'assistant' }]);
    expect(await talk.say(agent, 'again')).toMatchObject({ final_output: 'Done.' });
  });

  test('that is soft-deleted begins no run, busy or not', async () => {
    const db = await open();
    const { agent, gate } = patientAgent();
    const talk = new Talk(db, runsOn(db));
    const run = await talk.start(agent, 'hi');
    await deleteChat(db, talk.chatId, talk.userId);
    await expect(talk.start(agent, 'hi')).rejects.toMatchObject({ code: 'chat_not_found' });
    gate.open();
    await run.result();
    await expect(talk.start(agent, 'hi')).rejects.toMatchObject({ code: 'chat_not_found' });
  });

  test('goes on after a run whose process is gone, when its lease is over', async () => {
    const db = await open();
    const { agent } = patientAgent();
    const [chatId, userId, runId] = [newId(), newUser(), newId()];
    await db.query({
      text: `insert into chats (chat_id, user_id, active_run, run_epoch) values ($1, $2, $3, 7)`,
      values: [chatId, userId, runId],
    });
    await db.query({
      text: `insert into runs (user_id, run_id, chat_id, agent, status, epoch, lease_until, journal_from)
        values ($1, $2, $3, 'A', 'running', 7, clock_timestamp() - interval '1 second', 0)`,
      values: [userId, runId, chatId],
    });
    const runs = runsOn(db);
    const next = await runs.start({ agent, input: 'hi', userId, chatId });
    expect(await runs.get(userId, runId)).toMatchObject({ status: 'interrupted' });
    await runs.cancel(userId, next.runId);
    await expect(next.result()).rejects.toMatchObject({ code: 'run_cancelled' });
  });
});

test('another pool on the same PostgreSQL sees that a chat is busy, and cancels its run', async () => {
  const url = await createPostgresDatabase();
  const [here, there] = [await openDatabase(url), await openDatabase(url)].map(closedAfterTest);
  if (here === undefined || there === undefined) throw new Error('no database');
  await migrate(here);
  const { agent } = patientAgent();
  const talk = new Talk(here, runsOn(here));
  const run = await talk.start(agent, 'hi');
  const others = runsOn(there);
  const request = { agent, input: 'hi', userId: talk.userId, chatId: talk.chatId };
  await expect(others.start(request)).rejects.toMatchObject({
    code: 'chat_busy',
    details: { run_id: run.runId },
  });
  await others.cancel(talk.userId, run.runId);
  await expect(run.result()).rejects.toMatchObject({ code: 'run_cancelled' });
  expect(await others.get(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
  expect(await others.cancel(talk.userId, run.runId)).toMatchObject({ status: 'cancelled' });
});
