import { Agent } from '@openai/agents-core';
import { assistantMessage, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { createChat, type Database, getChatById, updateChat } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';

const answers = (...texts: readonly string[]) => texts.map((text) => [assistantMessage(text)]);
const agentThat = (...texts: readonly string[]) =>
  new Agent({ name: 'A', model: new ScriptedModel(answers(...texts)) });

async function titleOf(db: Database, { chatId, userId }: Talk): Promise<string | null | undefined> {
  return (await getChatById(db, chatId, userId))?.title;
}

describe.each(DATABASES)('a title that a model writes ($name)', ({ open }) => {
  test('takes the place of the first message, once, with what was said as material', async () => {
    const db = await open();
    const model = new ScriptedModel(answers(' "The **Sunless** Citadel"\n\nI hope you like it. '));
    const talk = new Talk(db, runsOn(db, { titles: { model } }));
    const agent = agentThat('Hi.', 'Yes.');
    await talk.say(agent, 'Where is the citadel?');
    await expect.poll(() => titleOf(db, talk)).toBe('The **Sunless** Citadel');
    const asked = JSON.stringify(model.lastCall?.request.input);
    expect(asked).toContain('user: Where is the citadel?');
    expect(asked).toContain('assistant: Hi.');
    await talk.say(agent, 'Really?');
    expect(model.calls).toHaveLength(1);
    expect(await titleOf(db, talk)).toBe('The **Sunless** Citadel');
  });

  test('is never put over one that a person gave, before, meanwhile, or in the same words', async () => {
    const db = await open();
    const userId = newUser();
    const { chatId } = await createChat(db, userId, { title: 'Mine' });
    const given = new ScriptedModel(answers('Theirs'));
    const runs = runsOn(db, { titles: { model: given } });
    await new Talk(db, runs, { userId, chatId }).say(agentThat('Hi.'), 'Mine');
    await runs.close(5_000);
    expect([given.calls.length, (await getChatById(db, chatId, userId))?.title]).toEqual([0, 'Mine']);

    for (const title of ['Renamed', 'hello', null]) {
      const [asked, gate] = [createGate(), createGate()];
      const slow = modelResponder(async () => {
        asked.open();
        await gate.opened;
        return [assistantMessage('Theirs')];
      });
      const model = new ScriptedModel([slow]);
      const slowRuns = runsOn(db, { titles: { model } });
      const talk = new Talk(db, slowRuns);
      await talk.say(agentThat('Hi.'), 'hello');
      await asked.opened;
      await updateChat(db, talk.chatId, talk.userId, { title });
      gate.open();
      await slowRuns.close(5_000);
      expect(await titleOf(db, talk)).toBe(title);
    }
  });

  test('delays no reply, fails no run, and is tried again after the next one', async () => {
    const db = await open();
    const lines: unknown[] = [];
    const log = {
      info: (fields: object, message: string) => lines.push([message, fields]),
      warn: (fields: object, message: string) => lines.push([message, fields]),
      child: () => log,
    };
    const model = new ScriptedModel([
      modelResponder(() => {
        throw new Error('secret words');
      }),
      [assistantMessage('')],
      [assistantMessage('At last')],
    ]);
    const talk = new Talk(db, runsOn(db, { titles: { model } }));
    const agent = agentThat('Hi.', 'Hi.', 'Hi.');
    expect(await talk.say(agent, 'one', { log })).toMatchObject({ type: 'stream_complete' });
    await expect.poll(() => lines.at(-1)).toMatchObject(['title failed', {}]);
    expect(await titleOf(db, talk)).toBe('one');
    expect(JSON.stringify(lines)).not.toContain('one');
    await talk.say(agent, 'two', { log });
    await expect.poll(() => lines.at(-1)).toEqual(['title', { outcome: 'not_needed', usage: undefined }]);
    await talk.say(agent, 'three', { log });
    await expect.poll(() => titleOf(db, talk)).toBe('At last');
  });

  test('is not asked for after a run that failed, and not stored once the runs are closed', async () => {
    const db = await open();
    const model = new ScriptedModel(answers('Theirs'));
    const runs = runsOn(db, { titles: { model } });
    const failing = new Agent({ name: 'A', model: new ScriptedModel([]) });
    const talk = new Talk(db, runs);
    await talk.say(failing, 'one');
    await runs.close(5_000);
    expect([model.calls.length, await titleOf(db, talk)]).toEqual([0, 'one']);

    const [asked, gate] = [createGate(), createGate()];
    const slow = modelResponder(async () => {
      asked.open();
      await gate.opened;
      return [assistantMessage('Too late')];
    });
    const closed = runsOn(db, { titles: { model: new ScriptedModel([slow]) } });
    const other = new Talk(db, closed);
    const told: string[] = [];
    const log = {
      info: (_: object, message: string) => told.push(message),
      warn: (_: object, message: string) => told.push(message),
      child: () => log,
    };
    await other.say(agentThat('Hi.'), 'one', { log });
    await asked.opened;
    await closed.close(0);
    gate.open();
    await expect.poll(() => told.at(-1)).toMatch(/^title/);
    expect(await titleOf(db, other)).toBe('one');
  });

  test.each([
    { model: '' },
    { model: undefined as never },
    { model: 'm', prompt: '' },
    { model: 'm', promt: 'x' },
  ])('is refused by the name of what is wrong: %j', async (titles) => {
    const db = await open();
    expect(() => runsOn(db, { titles })).toThrow(/titles\.(model|prompt|promt)/);
  });
});
