import { describe, expect, test } from 'vitest';
import { textOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { eventsOf } from '../support/runs.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

const last = (input: readonly { readonly type?: string; readonly role?: string }[]) => input.at(-1);
const isTold = (input: Parameters<typeof last>[0]) => {
  const { type, role } = last(input) ?? {};
  return type === 'function_call_output' || role === 'tool';
};

const NUMBERINGS = {
  'numbers the calls of each answer anew': ['roll:0', 'roll:1'],
  'gives one id twice in an answer': ['same', 'same'],
  'gives no ids': ['', ''],
  'gives ids that are longer than it takes': ['x'.repeat(80), `${'x'.repeat(80)}y`],
} as const;

describe.each(DATABASES)('a provider whose ids are not unique ($name)', ({ open }) => {
  describe.each(APIS)('%s', (api) => {
    test.each(Object.entries(NUMBERINGS))(
      '%s: every call is executed, and every next run works',
      async (_how, ids) => {
        const calls = ids.map((id, index) => ({ name: 'roll', args: { sides: index }, id, index }));
        const {
          api: provider,
          say,
          talk,
          rolled,
        } = await talkTo(await open(), (input) => (isTold(input) ? { text: 'Rolled.' } : { calls }), { api });
        for (const turn of [1, 2, 3]) {
          const reply = await say(`roll ${turn}`);
          expect(reply.json(), reply.body).toMatchObject({ success: true, final_output: 'Rolled.' });
          expect(rolled).toHaveLength(2 * turn);
        }
        expect(provider.refusals).toEqual([]);
        const history = await talk.history();
        const results = history.filter(({ type }) => type === 'function_call_result');
        expect(new Set(results.map((item) => 'callId' in item && item.callId)).size).toBe(6);
        for (const number of [1, 2, 3, 4, 5, 6]) expect(lastAsked(provider)).toContain(`rolled ${number}`);
      },
    );

    test('numbers them in every answer of one run: each is executed, and argument deltas name their call', async () => {
      let answers = 0;
      const { talk, agent, rolled } = await talkTo(
        await open(),
        () => {
          answers += 1;
          return answers < 4
            ? { calls: [{ name: 'roll', args: { sides: answers }, id: 'roll:0' }] }
            : { text: 'Done.' };
        },
        { api },
      );
      const run = await talk.start(agent, 'go');
      expect(await run.result()).toMatchObject({ final_output: 'Done.' });
      expect(rolled).toEqual([1, 2, 3]);
      const events = (await eventsOf(run)).map(({ text }) => JSON.parse(text));
      const called = events.filter(({ name }) => name === 'tool_called').map(({ item }) => item.callId);
      expect(new Set(called).size).toBe(3);
      const deltas = events.filter(({ kind }) => kind === 'tool_arguments_delta');
      expect([...new Set(deltas.map(({ call_id: id }) => id))]).toEqual(deltas.length === 0 ? [] : called);
      expect((await talk.history()).map(textOf).at(-1)).toBe('Done.');
    });

    test('has stored them so before: the next run gets every call with its result', async () => {
      const {
        api: provider,
        ask,
        talk,
        say,
      } = await talkTo(await open(), () => ({ text: 'Fine.' }), { api });
      const turn = (number: number) => [
        { role: 'user', content: `roll ${number}` },
        {
          type: 'function_call',
          callId: 'roll:0',
          name: 'roll',
          arguments: '{"sides":6}',
          status: 'completed',
        },
        {
          type: 'function_call_result',
          callId: 'roll:0',
          name: 'roll',
          status: 'completed',
          output: `old ${number}`,
        },
      ];
      const conversation = [...turn(1), ...turn(2)];
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
      expect(session_id).not.toBe(talk.chatId);
      expect((await say('thanks', { session_id })).json()).toMatchObject({ final_output: 'Fine.' });
      for (const number of [1, 2]) expect(lastAsked(provider)).toContain(`old ${number}`);
      expect(provider.refusals).toEqual([]);
    });
  });
});
