import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactChat, type Database, keepWindow } from '../../src/index.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { answering, begin, call, result, SUMMARY, TALK, USAGE } from './compacted.ts';
import { agentSays, numbered, userSays } from './items.ts';

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
    const compaction = answering((items) => (seen = items), { items: [SUMMARY], usage: USAGE });
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
    const compaction = answering(
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
    expect(await compact(answering(() => setRun('run')))).toEqual({ outcome: 'busy', usage: undefined });
    const asked = answering(() => {
      throw new Error('not to be asked');
    });
    expect(await compact(asked)).toEqual({ outcome: 'busy' });
    expect(await session.getItems()).toEqual(TALK);
  });

  it('does nothing before it is due, nor to a chat of one turn', async () => {
    const db = await open();
    const asked = answering(() => {
      throw new Error('not to be asked');
    });
    expect(await (await begin(db)).compact(asked, false)).toEqual({ outcome: 'not_needed' });
    expect(await (await begin(db, TALK.slice(0, 2))).compact(asked)).toEqual({ outcome: 'not_needed' });
    const large = await begin(db, [userSays('x'.repeat(80_000)), ...TALK]);
    expect(
      await large.compact(
        answering(() => undefined),
        false,
      ),
    ).toMatchObject({ outcome: 'compacted' });
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('refuses to keep %s turns', async (turns) => {
    const { compact } = await begin(await open());
    const refused = (field: string) =>
      expect.objectContaining({ code: 'invalid_request', errors: [expect.objectContaining({ field })] });
    expect(() => keepWindow({ turns: turns as number })).toThrow(refused('turns'));
    await expect(compact({ ...keepWindow({ turns: 1 }), keepTurns: turns as number })).rejects.toEqual(
      refused('keepTurns'),
    );
  });

  it('is refused on the chat of another user, whose history nobody is asked about', async () => {
    const db = await open();
    const { chatId } = await begin(db);
    const asked = answering(() => {
      throw new Error('not to be asked');
    });
    await expect(compactChat(db, chatId, newUser(), asked)).rejects.toMatchObject({ code: 'chat_not_found' });
  });

  it('leaves everything as it was when the answer cannot be stored', async () => {
    const { session, compact, archive } = await begin(await open());
    const answer = { items: [userSays(1n as never)] };
    await expect(compact(answering(() => undefined, answer))).rejects.toMatchObject({ code: 'invalid_item' });
    expect([await session.getItems(), await archive()]).toEqual([TALK, []]);
  });
});
