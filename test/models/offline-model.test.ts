import {
  Agent,
  type AgentInputItem,
  MemorySession,
  type RunItem,
  Runner,
  type Session,
} from '@openai/agents-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDungeonMaster } from '../../src/agents/dungeon-master/dungeon-master.ts';
import type { Queryable } from '../../src/driver/driver.ts';
import { OfflineModel } from '../../src/models/offline/offline-model.ts';
import type { ChatContext } from '../../src/run/types.ts';
import { openNotesDatabase } from '../agents/notes-database.ts';

const ANN: ChatContext = { userId: 'ann', chatId: 'chat-1', runId: 'run-1', request: {} };
const model = new OfflineModel();
const runner = new Runner({ tracingDisabled: true });

let db: Queryable;
let close: () => Promise<void>;
let session: Session;

beforeAll(async () => {
  ({ db, close } = await openNotesDatabase());
});
afterAll(() => close());
beforeEach(async () => {
  session = new MemorySession();
  await db.query({ text: 'delete from campaign_notes' });
});

function master(): Agent<ChatContext> {
  return createDungeonMaster({ db, model, random: (sides) => Math.ceil(sides / 2) });
}

interface Told {
  readonly text: string;
  readonly calls: string[];
  readonly agent: string | undefined;
}

type Ask = (input: string | AgentInputItem[], context?: ChatContext) => Promise<Told>;

const ask: Ask = async (input, context = ANN) => {
  const result = await runner.run(master(), input, { session, context });
  return { text: String(result.finalOutput), calls: callsOf(result.newItems), agent: result.lastAgent?.name };
};

const askStreamed: Ask = async (input, context = ANN) => {
  const result = await runner.run(master(), input, { session, context, stream: true });
  let text = '';
  for await (const piece of result.toTextStream()) text += piece;
  await result.completed;
  expect(text).toBe(result.finalOutput);
  return { text, calls: callsOf(result.newItems), agent: result.lastAgent?.name };
};

function callsOf(items: RunItem[]): string[] {
  return items.flatMap(({ rawItem }) => (rawItem?.type === 'function_call' ? [rawItem.name] : []));
}

describe.each([
  ['at once', ask],
  ['streamed', askStreamed],
])('the offline model, %s,', (_mode, ask) => {
  it.each([
    ['I attack with 2d6+3!', '2d6+3: 3, 3. Total: 9.'],
    ['Please roll for initiative', 'd20: 10. Total: 10.'],
    ['4d6kh3', '4d6kh3: (3), 3, 3, 3. Total: 9.'],
  ])('rolls when told %j', async (input, outcome) => {
    const { text, calls } = await ask(input);
    expect(calls).toEqual(['roll_dice']);
    expect(text).toContain(outcome);
  });

  it('tells why dice cannot be rolled', async () => {
    expect(await ask('roll 5000d6')).toMatchObject({ text: expect.stringContaining('at most 1000 dice') });
  });

  it('keeps and lists notes', async () => {
    const empty = await ask('What are my notes?');
    expect(empty.text).toContain('no campaign notes yet');
    expect((await ask('Remember that the trap does 2d6 damage.')).calls).toEqual(['save_note']);
    const { text, calls } = await ask('show me my notes');
    expect(calls).toEqual(['list_notes']);
    expect(text).toContain('“the trap does 2d6 damage.”');
  });

  it('deletes the note that is meant, by its words or its id, when somebody approves', async () => {
    await ask('Remember that the king is dead.');
    await ask('Remember that the dragon sleeps.');
    const result = await runner.run(master(), 'Delete the note about the king', { session, context: ANN });
    expect(result.interruptions.map(({ name }) => name)).toEqual(['delete_note']);
    for (const call of result.interruptions) result.state.approve(call);
    const resumed = await runner.run(master(), result.state, { session });
    expect(resumed.finalOutput).toBe('The note is deleted.');
    const { text } = await ask('show me my notes');
    expect(text).toMatch(/dragon sleeps/);
    expect(text).not.toMatch(/king/);
    const id = /\(([\da-f-]{36})\)/.exec(text)?.[1];
    const byId = await runner.run(master(), `forget note ${id}`, { session, context: ANN });
    expect(byId.interruptions.map((call) => call.arguments)).toEqual([JSON.stringify({ note_id: id })]);
  });

  it('says that a run without memory has no notes', async () => {
    const { text } = await ask('note: the king is dead', { ...ANN, chatId: null });
    expect(text).toContain('not stored');
  });

  it('hands over for a character, rolls six scores and gives the sheet', async () => {
    const { text, calls, agent } = await ask('Create an elf wizard character called Lia Moon, please');
    expect(calls).toEqual(['transfer_to_Character_Creator', ...Array(6).fill('roll_dice')]);
    expect(agent).toBe('Character Creator');
    expect(text).toContain('Lia Moon, elf wizard');
    expect(text).toContain('STR 9 (-1)');
  });

  it('answers from what the user said before', async () => {
    await ask('Help me plan a campaign');
    await ask('My name is Thorin Oakenshield and I want a fantasy setting');
    const { text } = await ask('What did we discuss earlier?');
    expect(text).toContain('2 messages');
    expect(text).toContain('“Help me plan a campaign”');
    expect((await ask('What is my name?')).text).toContain('Thorin Oakenshield');
  });

  it('says how much it remembers, and that it is offline', async () => {
    expect((await ask('Hello!')).text).toMatch(/0 earlier messages.*offline.*OPENAI_API_KEY/);
    expect((await ask('I open the door')).text).toContain('2 earlier messages');
    expect((await ask('And now?')).text).toMatch(/4 earlier messages.*offline/);
  });
});

describe('a question about the past', () => {
  it.each(['What did I say?', 'Do you remember the dragon?', 'what did we talk about before'])(
    'such as %j never rolls or saves',
    async (question) => {
      await ask('A dragon came');
      expect(await ask(question)).toMatchObject({
        calls: [],
        text: expect.stringContaining('A dragon came'),
      });
    },
  );

  it('is answered honestly when there is no past', async () => {
    expect((await ask('What did we discuss earlier?')).text).toContain('nothing before');
    expect((await ask('What is my name?')).text).toContain('not told me');
  });

  it('quotes a bounded part of a long conversation', async () => {
    const history = Array.from({ length: 50 }, (_, index) => userMessage(`${index} ${'long '.repeat(500)}`));
    const { text } = await ask([...history, userMessage('What did I say?')]);
    expect(text).toContain('50 messages from you. The last 5');
    expect(text.length).toBeLessThan(1000);
  });

  it.each([
    ['call me Zed', 'Zed'],
    ["Well met, I'm Åsa the Bold", 'Åsa'],
    ['I am Gimli', 'Gimli'],
    ['my name is bob', 'bob'],
  ])('finds the name in %j', async (introduction, name) => {
    await ask(introduction);
    expect((await ask('what is my name')).text).toContain(`You are ${name}:`);
  });

  it('does not take a mood for a name', async () => {
    await ask('I am tired');
    expect((await ask("what's my name?")).text).toContain('not told me');
  });
});

describe('the offline model with another agent', () => {
  const plain = new Agent({ name: 'Plain', model });

  it.each(['roll 2d6', 'remember that I owe Ann', 'what are my notes', 'Hello'])(
    'answers %j with text when it has no tools',
    async (input) => {
      const { finalOutput, newItems } = await runner.run(plain, input);
      expect(callsOf(newItems)).toEqual([]);
      expect(finalOutput).toContain('offline');
    },
  );

  it('makes up a character when it cannot roll', async () => {
    const { finalOutput } = await runner.run(plain, 'make me a new character');
    expect(finalOutput).toContain('standard array');
  });

  it('calls no tool when the settings forbid it', async () => {
    const silent = master().clone({ modelSettings: { toolChoice: 'none' } });
    expect(callsOf((await runner.run(silent, 'roll d20', { context: ANN })).newItems)).toEqual([]);
  });
});

function userMessage(text: string): AgentInputItem {
  return { type: 'message', role: 'user', content: text };
}
