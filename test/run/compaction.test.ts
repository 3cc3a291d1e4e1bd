import { Agent, type ModelResponse, tool } from '@openai/agents-core';
import {
  assistantMessage,
  functionCall,
  modelResponder,
  ScriptedModel,
  type ScriptedModelInput,
} from '@openai/agents-core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Run } from '../../src/run/types.ts';
import { kindOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { runsOn, Talk } from '../support/runs.ts';

type Open = (typeof DATABASES)[0]['open'];

const SUMMARY = { type: 'compaction' as const, encrypted_content: 'what was said' };
const compacts = (...rest: ModelResponse['output']): ModelResponse['output'] => [SUMMARY, ...rest];

async function stage(open: Open, answers: readonly ScriptedModelInput[], needsApproval = false) {
  const db = await open();
  const runs = runsOn(db);
  const talk = new Talk(db, runs);
  const model = new ScriptedModel([[assistantMessage('Hi.')], ...answers]);
  const look = tool({
    name: 'look',
    description: 'Looks',
    parameters: z.object({}),
    needsApproval,
    execute: async () => 'seen',
  });
  const agent = new Agent({ name: 'A', model, tools: [look] });
  await talk.say(agent, 'hello');
  const archived = async () => {
    const text = 'select item::text as item from archived_items where chat_id = $1 order by position';
    const { rows } = await db.query({ text, values: [talk.chatId] });
    return rows.map(({ item }) => kindOf(JSON.parse(String(item))));
  };
  const kinds = async () => (await talk.history()).map(kindOf);
  const approve = async ({ runId }: Run) =>
    (await runs.decide(talk.userId, runId, [{ call_id: 'l', approve: true }])).result();
  return { db, talk, agent, model, approve, archived, kinds };
}

const look = [functionCall('look', {}, { callId: 'l' })];

describe.each(DATABASES)('a compaction during a run ($name)', ({ open }) => {
  test('takes the place of the history, all of which goes to the archive, and the next run works', async () => {
    const { talk, agent, model, archived, kinds } = await stage(open, [
      look,
      compacts(assistantMessage('Done.')),
      [assistantMessage('Next.')],
    ]);
    expect(await talk.say(agent, 'go')).toMatchObject({ final_output: 'Done.' });
    expect(await kinds()).toEqual(['compaction', 'assistant']);
    // Behind these there may be what the journal had of the answer already.
    expect((await archived()).slice(0, 5)).toEqual(['user', 'assistant', 'user', 'call look', 'result look']);
    expect(await talk.say(agent, 'next')).toMatchObject({ final_output: 'Next.' });
    expect(model.lastCall?.request.input).toMatchObject([
      SUMMARY,
      { role: 'assistant', content: [{ text: 'Done.' }] },
      { role: 'user', content: 'next' },
    ]);
  });

  test('stays whole when the run pauses, and what comes after the pause stands behind it', async () => {
    const { talk, agent, model, approve, archived, kinds } = await stage(
      open,
      [compacts(...look), [assistantMessage('Done.')], [assistantMessage('Next.')]],
      true,
    );
    const run = await talk.start(agent, 'go');
    expect(await run.result()).toMatchObject({ type: 'approval_required' });
    expect(await kinds()).toEqual(['compaction', 'call look']);
    expect((await archived()).slice(0, 3)).toEqual(['user', 'assistant', 'user']);
    expect(await approve(run)).toMatchObject({ final_output: 'Done.' });
    expect(await kinds()).toEqual(['compaction', 'call look', 'result look', 'assistant']);
    expect(await talk.say(agent, 'next')).toMatchObject({ final_output: 'Next.' });
    expect(model.lastCall?.request.input).toMatchObject([
      SUMMARY,
      { type: 'function_call' },
      { type: 'function_call_result' },
      { role: 'assistant' },
      { role: 'user', content: 'next' },
    ]);
  });

  test('may come after a pause, and what was before the pause is archived too', async () => {
    const { talk, agent, approve, archived, kinds } = await stage(
      open,
      [look, compacts(assistantMessage('Done.'))],
      true,
    );
    const run = await talk.start(agent, 'go');
    await run.result();
    expect(await approve(run)).toMatchObject({ final_output: 'Done.' });
    expect(await kinds()).toEqual(['compaction', 'assistant']);
    expect((await archived()).slice(0, 5)).toEqual(['user', 'assistant', 'user', 'call look', 'result look']);
  });

  test('of a run that another process has taken over changes nothing', async () => {
    const gate = createGate();
    const { db, talk, agent, archived, kinds } = await stage(open, [
      look,
      modelResponder(async () => {
        await gate.opened;
        return compacts(assistantMessage('Done.'));
      }),
    ]);
    const run = await talk.start(agent, 'go');
    await expect.poll(kinds).toContain('result look');
    const before = await talk.history();
    const text = 'update chats set run_epoch = run_epoch + 1 where chat_id = $1';
    await db.query({ text, values: [talk.chatId] });
    gate.open();
    await expect(run.result()).rejects.toMatchObject({ code: 'run_interrupted' });
    expect(await talk.history()).toEqual(before);
    expect(await archived()).toEqual([]);
  });
});
