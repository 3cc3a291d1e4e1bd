import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from '@openai/agents-core';
import { assistantMessage, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { type Compaction, runDurably } from '../../src/index.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';

const SUMMARY = assistantMessage('what was before');
const answers = (count: number) => Array.from({ length: count }, () => [assistantMessage('Hi.')]);

describe.each(DATABASES)('a compaction after runs ($name)', ({ open }) => {
  test('happens by itself when one is due, and the next run has what it made', async () => {
    const db = await open();
    const compaction: Compaction = { when: () => true, compact: async () => ({ items: [SUMMARY] }) };
    const talk = new Talk(db, runsOn(db, { compaction }));
    const model = new ScriptedModel(answers(3));
    const agent = new Agent({ name: 'A', model });
    await talk.say(agent, 'one');
    await talk.say(agent, 'two');
    const kinds = async () => (await talk.history()).map(kindOf);
    await expect.poll(kinds).toEqual(['assistant', 'user', 'assistant']);
    await talk.say(agent, 'three');
    expect(model.lastCall?.request.input).toMatchObject([
      { role: 'assistant', content: [{ text: 'what was before' }] },
      { role: 'user', content: 'two' },
      { role: 'assistant' },
      { role: 'user', content: 'three' },
    ]);
  });

  test('gives way to a run that begins meanwhile, and that fails does not fail one', async () => {
    const db = await open();
    const [asked, gate] = [createGate(), createGate()];
    const compaction: Compaction = {
      when: () => true,
      compact: async () => {
        asked.open();
        await gate.opened;
        throw new Error('overloaded');
      },
    };
    const runs = runsOn(db, { compaction });
    const talk = new Talk(db, runs);
    const agent = new Agent({ name: 'A', model: new ScriptedModel(answers(3)) });
    await talk.say(agent, 'one');
    await talk.say(agent, 'two');
    await asked.opened;
    expect(await talk.say(agent, 'three')).toMatchObject({ type: 'stream_complete' });
    gate.open();
    await runs.close(1_000);
    expect((await talk.history()).map(kindOf)).toEqual(Array(3).fill(['user', 'assistant']).flat());
  });

  test('is over when runDurably returns', async () => {
    const db = await open();
    const userId = newUser();
    const compaction: Compaction = { when: () => true, compact: async () => sleep(50, { items: [SUMMARY] }) };
    const agent = new Agent({ name: 'A', model: new ScriptedModel(answers(2)) });
    const { chatId } = await runDurably(agent, 'one', { db, userId });
    await runDurably(agent, 'two', { db, userId, chatId, compaction });
    const talk = new Talk(db, runsOn(db), { userId, chatId: String(chatId) });
    expect((await talk.history()).map(kindOf)).toEqual(['assistant', 'user', 'assistant']);
  });
});
