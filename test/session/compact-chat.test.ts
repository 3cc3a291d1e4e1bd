import { Agent, type AgentInputItem, RunContext, Runner } from '@openai/agents-core';
import { assistantMessage, modelError, ScriptedModel } from '@openai/agents-core/testing';
import { OpenAIResponsesCompactionSession } from '@openai/agents-openai';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import {
  type Compaction,
  compactAtOpenAI,
  compactChat,
  createChat,
  type Database,
  DatabaseSession,
  keepWindow,
  summarizeWith,
} from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { archiveOf } from './archive.ts';
import { agentSays, numbered, userSays } from './items.ts';

type Answer = Awaited<ReturnType<Compaction['compact']>>;

const call: AgentInputItem = {
  type: 'function_call',
  callId: 'c',
  name: 'look',
  arguments: '{}',
  status: 'completed',
};
const result: AgentInputItem = {
  type: 'function_call_result',
  callId: 'c',
  name: 'look',
  status: 'completed',
  output: { type: 'text', text: 'seen' },
};
const SUMMARY = agentSays('what was before');
const TALK = [
  userSays('1'),
  agentSays('a'),
  userSays('2'),
  call,
  result,
  agentSays('b'),
  userSays('3'),
  agentSays('c'),
];
const OPENAI_SUMMARY: AgentInputItem = { type: 'compaction', encrypted_content: 'sealed' };
const USAGE = { requests: 1, inputTokens: 5, outputTokens: 2, totalTokens: 7 };

async function begin(db: Database, conversation: readonly unknown[] = TALK) {
  const userId = newUser();
  const { chatId } = await createChat(db, userId, { conversation: conversation as AgentInputItem[] });
  const session = new DatabaseSession(chatId, db, { userId });
  const compact = (compaction: Compaction, force = true) =>
    compactChat(db, chatId, userId, compaction, { force });
  return { userId, chatId, session, compact, archive: () => archiveOf(db, chatId) };
}

/** A compaction that does something before it answers. */
const after = (
  work: (items: AgentInputItem[]) => unknown,
  answer: Answer = { items: [SUMMARY] },
): Compaction => ({
  compact: async (items) => {
    await work(items);
    return answer;
  },
});

/** A client of OpenAI's whose compaction answers with this. */
function openAi(seen: unknown[] = []) {
  const compact = async (body: { input?: unknown }) => {
    seen.push(body.input);
    return { output: [OPENAI_SUMMARY], usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } };
  };
  return { responses: { compact } } as unknown as Parameters<typeof compactAtOpenAI>[0]['client'];
}

describe.each(DATABASES)('compactChat on $name', ({ open }) => {
  it('loses nothing, cuts no turn and keeps what is appended meanwhile', { timeout: 90_000 }, async () => {
    const db = await open();
    const turn = fc.constantFrom(
      [userSays('u')],
      [userSays('u'), agentSays('a')],
      [userSays('u'), call, result],
    );
    const round = fc.record({
      turns: fc.array(turn, { maxLength: 4 }),
      meanwhile: fc.nat(2),
      keepTurns: fc.integer({ min: 1, max: 3 }),
      made: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
        const { session, chatId, compact, archive } = await begin(db, []);
        let written: AgentInputItem[] = [];
        let made = 0;
        for (const { turns, meanwhile, keepTurns, made: count } of rounds) {
          await session.addItems(turns.flat());
          const before = await session.getItems();
          const late = numbered(meanwhile, 100);
          const summary = Array.from({ length: count }, () => agentSays(`summary ${made++}`));
          const archived = await archive();
          let prefix: AgentInputItem[] = [];
          const { outcome } = await compact({
            keepTurns,
            compact: async (items) => {
              prefix = items;
              await session.addItems(late);
              return { items: summary };
            },
          });
          const kept = before.slice(prefix.length);
          expect(await archive()).toEqual([...archived, ...prefix]);
          if (outcome === 'compacted') {
            expect(await session.getItems()).toEqual([...summary, ...kept, ...late]);
            expect(kept[0]).toMatchObject({ role: 'user' });
          } else expect(await session.getItems()).toEqual(before);
          written = [...(await archive()), ...(await session.getItems())];
        }
        const { rows } = await db.query({
          text: `select count(*)::int as items, count(distinct position)::int as positions from (
            select position from chat_items where chat_id = $1 union all select position from archived_items where chat_id = $1) as p`,
          values: [chatId],
        });
        expect(rows).toEqual([{ items: written.length, positions: written.length }]);
      }),
      { numRuns: 25 },
    );
  });

  it('gives the compaction what is before the last turns, and puts its answer there', async () => {
    const { session, compact, archive } = await begin(await open());
    let seen: AgentInputItem[] = [];
    const compaction = after((items) => (seen = items), { items: [SUMMARY], usage: USAGE });
    expect(await compact({ ...compaction, keepTurns: 2 })).toEqual({ outcome: 'compacted', usage: USAGE });
    expect(seen).toEqual(TALK.slice(0, 2));
    expect(await session.getItems()).toEqual([SUMMARY, ...TALK.slice(2)]);
    expect(await archive()).toEqual(TALK.slice(0, 2));
  });

  it('does not part a call from a result that came after the next message', async () => {
    const history = [
      userSays('0'),
      agentSays('a'),
      userSays('1'),
      call,
      userSays('2'),
      result,
      agentSays('b'),
    ];
    const { session, compact } = await begin(await open(), history);
    expect(await compact(keepWindow({ turns: 1 }))).toEqual({ outcome: 'compacted' });
    expect(await session.getItems()).toEqual(history.slice(2));
  });

  it.each<[string, (chat: Awaited<ReturnType<typeof begin>>, db: Database) => Promise<unknown>]>([
    ['cleared', ({ session }) => session.clearSession()],
    [
      'popped into',
      async ({ session }) => {
        for (let pops = 0; pops < 3; pops++) await session.popItem();
      },
    ],
    ['compacted by another', ({ compact }) => compact(keepWindow({ turns: 2 }))],
    [
      'edited',
      ({ session }) =>
        session.applyHistoryMutations({
          mutations: [
            {
              type: 'replace_function_call',
              callId: 'c',
              replacement: { ...call, arguments: '{"x":1}' } as never,
            },
          ],
        }),
    ],
  ])('changes nothing of a history that is %s meanwhile, and says so', async (_title, change) => {
    const db = await open();
    const chat = await begin(db);
    const states: unknown[] = [];
    const state = async () => [await chat.session.getItems(), await chat.archive()];
    const compaction = after(
      async () => {
        await change(chat, db);
        states.push(await state());
      },
      { items: [SUMMARY], usage: USAGE },
    );
    expect(await chat.compact(compaction)).toEqual({ outcome: 'changed', usage: USAGE });
    expect(await state()).toEqual(states[0]);
  });

  it('does nothing while a run is active, whether it began before or meanwhile', async () => {
    const db = await open();
    const { session, chatId, compact } = await begin(db);
    const setRun = (run: string | null) =>
      db.query({ text: 'update chats set active_run = $2 where chat_id = $1', values: [chatId, run] });
    expect(await compact(after(() => setRun('run')))).toEqual({ outcome: 'busy', usage: undefined });
    const asked = after(() => {
      throw new Error('not to be asked');
    });
    expect(await compact(asked)).toEqual({ outcome: 'busy' });
    expect(await session.getItems()).toEqual(TALK);
  });

  it('does nothing before it is due, nor to a chat of one turn', async () => {
    const db = await open();
    const asked = after(() => {
      throw new Error('not to be asked');
    });
    expect(await (await begin(db)).compact(asked, false)).toEqual({ outcome: 'not_needed' });
    expect(await (await begin(db, TALK.slice(0, 2))).compact(asked)).toEqual({ outcome: 'not_needed' });
    const large = await begin(db, [userSays('x'.repeat(80_000)), ...TALK]);
    expect(
      await large.compact(
        after(() => undefined),
        false,
      ),
    ).toMatchObject({ outcome: 'compacted' });
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('refuses to keep %s turns', async (turns) => {
    const { compact } = await begin(await open());
    const refused = { code: 'invalid_request', errors: [{ field: 'keepTurns' }] };
    await expect(compact(keepWindow({ turns: turns as number }))).rejects.toMatchObject(refused);
  });

  it('is refused on the chat of another user, whose history nobody is asked about', async () => {
    const db = await open();
    const { chatId } = await begin(db);
    const asked = after(() => {
      throw new Error('not to be asked');
    });
    await expect(compactChat(db, chatId, newUser(), asked)).rejects.toMatchObject({ code: 'chat_not_found' });
  });

  it('leaves everything as it was when the answer cannot be stored', async () => {
    const { session, compact, archive } = await begin(await open());
    const answer = { items: [userSays(1n as never)] };
    await expect(compact(after(() => undefined, answer))).rejects.toMatchObject({ code: 'invalid_item' });
    expect([await session.getItems(), await archive()]).toEqual([TALK, []]);
  });

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
    expect(errors).toEqual([expect.objectContaining({ message: 'overloaded' })]);
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
