import { Agent, RunContext, Runner } from '@openai/agents-core';
import { assistantMessage, modelError, ScriptedModel } from '@openai/agents-core/testing';
import { OpenAIResponsesCompactionSession } from '@openai/agents-openai';
import { describe, expect, it } from 'vitest';
import { type Compaction, compactAtOpenAI, DatabaseSession, summarizeWith } from '../../src/index.ts';
import { DATABASES } from '../support/databases.ts';
import { begin, OPENAI_SUMMARY, openAi, SUMMARY, TALK, USAGE } from './compacted.ts';
import { agentSays, userSays } from './items.ts';

describe.each(DATABASES)('a compaction on $name', ({ open }) => {
  it('summarizes with a model, which is given the summary before with what came since', async () => {
    const { session, compact } = await begin(await open());
    const model = new ScriptedModel([[assistantMessage('First.')], [assistantMessage('Second.')]]);
    const compaction = summarizeWith({ model, prompt: 'Be short.' });
    expect(await compact(compaction)).toMatchObject({ outcome: 'compacted', usage: { requests: 1 } });
    const [summary] = await session.getItems();
    expect(summary).toMatchObject({
      role: 'assistant',
      content: [{ text: expect.stringMatching(/^Summary of .* by a model:\n\nFirst\.$/) }],
    });
    expect(model.firstCall?.request.systemInstructions).toBe('Be short.');
    expect(JSON.stringify(model.firstCall?.request.input)).toContain(
      'user: 2\\ncall look: {}\\nresult of look: seen',
    );
    await session.addItems([userSays('4'), agentSays('d')]);
    await compact(compaction);
    expect(JSON.stringify(model.lastCall?.request.input)).toMatch(/First\..*user: 3/);
    expect((await session.getItems()).slice(1)).toEqual([userSays('4'), agentSays('d')]);
  });

  it('summarizes a long conversation piece by piece', async () => {
    const long = Array.from({ length: 60 }, () => agentSays('x'.repeat(9_000)));
    const { session, compact } = await begin(await open(), [userSays('1'), ...long, userSays('2')]);
    const model = new ScriptedModel([
      [assistantMessage('One.')],
      [assistantMessage('Two.')],
      [assistantMessage('Three.')],
    ]);
    expect(await compact(summarizeWith({ model }))).toMatchObject({
      outcome: 'compacted',
      usage: { requests: 3 },
    });
    for (const { request } of model.calls) expect(JSON.stringify(request.input).length).toBeLessThan(210_000);
    expect(JSON.stringify(await session.getItems())).toContain('Three.');
  });

  it('stores no empty summary', async () => {
    const { session, compact } = await begin(await open());
    const model = new ScriptedModel([[assistantMessage(' ')]]);
    await expect(compact(summarizeWith({ model }))).rejects.toMatchObject({ code: 'model_failed' });
    expect(await session.getItems()).toEqual(TALK);
  });

  it('lets OpenAI compact, plain messages of the assistant too', async () => {
    const seen: unknown[] = [];
    const plain = { role: 'assistant', content: 'plain' };
    const { session, compact, archive } = await begin(await open(), [userSays('0'), plain, ...TALK]);
    const compaction = compactAtOpenAI({ client: openAi(seen), model: 'gpt-5' });
    expect(await compact(compaction)).toMatchObject({
      outcome: 'compacted',
      usage: { requests: 1, totalTokens: 7 },
    });
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).toContain('plain');
    expect(await session.getItems()).toEqual([OPENAI_SUMMARY, ...TALK.slice(6)]);
    expect((await archive())[1]).toEqual(plain);
  });
});

const runner = new Runner({ tracingDisabled: true });

describe.each(DATABASES)('a session with a compaction on $name', ({ open }) => {
  it('compacts after a turn, as the run’s user, and adds what that cost to the run', async () => {
    const db = await open();
    const { chatId, userId } = await begin(db);
    const contexts: unknown[] = [];
    const compaction: Compaction = {
      when: () => true,
      compact: async (_items, { run }) => {
        contexts.push(run?.context);
        return { items: [SUMMARY], usage: USAGE };
      },
    };
    const session = new DatabaseSession<{ userId: string }>(chatId, db, {
      userId: ({ context }) => context.userId,
      compaction,
    });
    const agent = new Agent<{ userId: string }>({
      name: 'A',
      model: new ScriptedModel([[assistantMessage('d')]]),
    });
    const { runContext } = await runner.run(agent, '4', { session, context: { userId } });
    expect(contexts).toEqual([{ userId }]);
    expect(runContext.usage).toMatchObject({ requests: 2, totalTokens: 7 });
    const items = await session.getItems(undefined, new RunContext({ userId }));
    expect(items).toMatchObject([SUMMARY, userSays('4'), agentSays('d')]);
  });

  it('does not fail a run with a compaction that fails, and tells why', async () => {
    const db = await open();
    const { chatId, userId } = await begin(db);
    const errors: unknown[] = [];
    const compaction = summarizeWith({
      model: new ScriptedModel([modelError(new Error('overloaded'))]),
      when: () => true,
    });
    const session = new DatabaseSession(chatId, db, {
      userId,
      compaction,
      onCompactionError: (error) => errors.push(error),
    });
    const agent = new Agent({ name: 'A', model: new ScriptedModel([[assistantMessage('d')]]) });
    expect((await runner.run(agent, '4', { session })).finalOutput).toBe('d');
    expect(errors).toMatchObject([{ code: 'compaction_failed', cause: { message: 'overloaded' } }]);
    expect(await session.getItems()).toMatchObject([...TALK, userSays('4'), agentSays('d')]);
  });
});

describe.each(DATABASES)('the SDK’s own compaction session around one on $name', ({ open }) => {
  it('compacts plain messages too, and what it clears is in the archive', async () => {
    const db = await open();
    const plain = { role: 'assistant', content: 'plain' };
    const { session, archive } = await begin(db, [userSays('0'), plain, ...TALK]);
    const seen: unknown[] = [];
    const around = new OpenAIResponsesCompactionSession({
      client: openAi(seen),
      underlyingSession: session,
      model: 'gpt-5',
      shouldTriggerCompaction: () => true,
      compactionMode: 'input',
    });
    const agent = new Agent({
      name: 'A',
      model: new ScriptedModel([[assistantMessage('d')], [assistantMessage('e')]]),
    });
    expect((await runner.run(agent, '4', { session: around })).finalOutput).toBe('d');
    expect(seen).toHaveLength(1);
    expect(await session.getItems()).toEqual([OPENAI_SUMMARY]);
    expect(await archive()).toMatchObject([userSays('0'), plain, ...TALK, userSays('4'), agentSays('d')]);
    expect((await runner.run(agent, '5', { session: around })).finalOutput).toBe('e');
  });
});
