import { type AgentInputItem, RunContext, Runner } from '@openai/agents-core';
import { functionCall, ScriptedModel } from '@openai/agents-core/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDungeonMaster } from '../../src/agents/dungeon-master/dungeon-master.ts';
import type { Queryable } from '../../src/driver/driver.ts';
import { OfflineModel } from '../../src/models/offline/offline-model.ts';
import type { ChatContext } from '../../src/run/types.ts';
import { addCampaignNote, deleteCampaignNote, getCampaignNotes } from '../../src/store/campaign-notes.ts';
import { openNotesDatabase } from './notes-database.ts';

const ANN: ChatContext = { userId: 'ann', chatId: 'chat-1', runId: 'run-1', request: {} };
const BROKEN: Queryable = {
  query: () => Promise.reject(new Error('password authentication failed: select secret from users')),
};

let db: Queryable;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openNotesDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  await db.query({ text: 'delete from campaign_notes' });
});

/** What the model is told when it calls one tool of the agent with these arguments. */
async function callTool(
  name: string,
  input: Record<string, unknown> | string,
  { context = ANN, database = db }: { context?: ChatContext; database?: Queryable } = {},
): Promise<string> {
  const model = new ScriptedModel([[functionCall(name, input, { callId: 'call-1' })]]);
  const agent = createDungeonMaster({ db: database, model, random: (sides) => sides });
  const runner = new Runner({ tracingDisabled: true });
  const stopping = agent.clone({ toolUseBehavior: 'stop_on_first_tool' });
  const result = await runner.run(stopping, 'go', { context });
  for (const call of result.interruptions) result.state.approve(call);
  const approved = result.interruptions.length > 0 ? await runner.run(stopping, result.state) : result;
  return String(approved.finalOutput);
}

describe('roll_dice', () => {
  it('answers with every die, the modifier and the total as JSON', async () => {
    expect(JSON.parse(await callTool('roll_dice', { notation: '2d6kh1+3' }))).toEqual({
      notation: '2d6kh1+3',
      groups: [
        {
          notation: '2d6kh1',
          dice: [
            { value: 6, kept: false },
            { value: 6, kept: true },
          ],
          total: 6,
        },
      ],
      modifier: 3,
      total: 9,
    });
  });

  it('answers a wrong notation with a sentence that the model can act on', async () => {
    const told = await callTool('roll_dice', { notation: 'a sword' });
    expect(told).toBe('This did not work: notation must be dice such as 4d6kh3+2, not "a sword".');
  });

  it('answers wrong arguments without the parser’s words', async () => {
    expect(await callTool('roll_dice', { dice: 7 })).toBe(
      'This did not work: the arguments do not fit the tool.',
    );
  });
});

describe('the campaign notes', () => {
  it('are saved, listed oldest first and deleted by their id', async () => {
    const first = JSON.parse(await callTool('save_note', { text: 'The innkeeper lies.' }));
    await callTool('save_note', { text: 'The bridge is out.' });
    const { notes } = JSON.parse(await callTool('list_notes', {}));
    expect(notes.map((note: { text: string }) => note.text)).toEqual([
      'The innkeeper lies.',
      'The bridge is out.',
    ]);
    expect(notes[0]).toEqual(first);
    expect(await callTool('delete_note', { note_id: first.note_id })).toBe('The note is deleted.');
    expect(await getCampaignNotes(db, 'chat-1', 'ann')).toMatchObject([{ text: 'The bridge is out.' }]);
  });

  it('belong to one chat', async () => {
    await callTool('save_note', { text: 'here' });
    const told = await callTool('list_notes', {}, { context: { ...ANN, chatId: 'chat-2' } });
    expect(JSON.parse(told)).toEqual({ notes: [] });
  });

  it('of another user can be neither read, written nor deleted', async () => {
    const secret = await addCampaignNote(db, 'chat-3', 'ben', 'secret');
    const context = { ...ANN, chatId: 'chat-3' };
    expect(JSON.parse(await callTool('list_notes', {}, { context }))).toEqual({ notes: [] });
    expect(await callTool('save_note', { text: 'mine' }, { context })).toContain('there is no such chat');
    expect(await callTool('delete_note', { note_id: secret.noteId }, { context })).toContain('no note');
    expect(await getCampaignNotes(db, 'chat-3', 'ben')).toEqual([secret]);
  });

  it.each(['save_note', 'list_notes', 'delete_note'])(
    '%s says so when the run has no memory',
    async (name) => {
      const input = { text: 'x', note_id: 'x' };
      expect(await callTool(name, input, { context: { ...ANN, chatId: null } })).toContain('not stored');
    },
  );

  it.each(['save_note', 'list_notes', 'delete_note'])('%s hides what the database said', async (name) => {
    const told = await callTool(name, { text: 'x', note_id: 'x' }, { database: BROKEN });
    expect(told).toBe('This did not work: the database refused a statement.');
  });

  it.each([
    ['empty', '  ', 'must not be empty'],
    ['too long', 'x'.repeat(4001), 'at most 4000 characters'],
    ['with a NUL', 'a\u0000b', 'NUL'],
    ['with a lone surrogate', 'a\ud800', 'well-formed'],
  ])('refuse a text that is %s', async (_case, text, reason) => {
    expect(await callTool('save_note', { text })).toContain(reason);
  });

  it('keep a text as it is', async () => {
    const text = `“Ünïcødé” 🐉 '; drop table chats; -- $1`;
    await addCampaignNote(db, 'chat-1', 'ann', text);
    expect(await getCampaignNotes(db, 'chat-1', 'ann')).toMatchObject([{ text }]);
  });

  it('cannot be deleted twice', async () => {
    const { noteId } = await addCampaignNote(db, 'chat-1', 'ann', 'once');
    expect(await deleteCampaignNote(db, 'chat-1', 'ann', noteId)).toBe(true);
    expect(await deleteCampaignNote(db, 'chat-1', 'ann', noteId)).toBe(false);
  });
});

describe('the agents', () => {
  const agent = () => createDungeonMaster({ db, model: new OfflineModel() });

  it('hand over to each other, and both can roll', async () => {
    const master = agent();
    const context = new RunContext(ANN);
    const [toCreator] = await master.getEnabledHandoffs(context);
    const creator = toCreator?.agent;
    expect(creator?.name).toBe('Character Creator');
    const back = await creator?.getEnabledHandoffs(context);
    expect(back?.map((handoff) => handoff.agent)).toEqual([master]);
    expect(creator?.tools.map((tool) => tool.name)).toEqual(['roll_dice']);
    expect(master.tools.map((tool) => tool.name)).toEqual([
      'roll_dice',
      'save_note',
      'list_notes',
      'delete_note',
    ]);
  });

  it('do not wait for a model for ever', () => {
    expect(agent().modelSettings.timeoutMs).toBeLessThanOrEqual(180_000);
  });

  it('are sent no context of the run', async () => {
    const model = new ScriptedModel([[]]);
    const context = { ...ANN, request: { secret: 'hunter2' } };
    const input: AgentInputItem[] = [{ role: 'user', content: 'hello' }];
    await new Runner({ tracingDisabled: true })
      .run(createDungeonMaster({ db, model }), input, { context, maxTurns: 1 })
      .catch(() => undefined);
    expect(model.calls).toHaveLength(1);
    expect(JSON.stringify(model.firstCall?.request)).not.toContain('hunter2');
  });
});
