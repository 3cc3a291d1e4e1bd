import { describe, expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

const long = (name: string) => `${name} ${'word '.repeat(200)}`;
/** A chat of so many turns, each of about 300 tokens. */
const turns = (count: number) =>
  Array.from({ length: count }, (_, n) => [
    { role: 'user', content: long(`question ${n}`) },
    { role: 'assistant', content: `answer ${n}` },
  ]).flat();

const fine = () => ({ text: 'Fine.' });

describe.each(DATABASES)('a history that the model cannot read whole ($name)', ({ open }) => {
  describe.each(APIS)('%s', (api) => {
    test.each([3, 50, 257])(
      'of %i turns goes on with those that fit, and the reply says how many do not',
      async (count) => {
        const {
          say,
          ask,
          api: provider,
          runs,
          talk,
        } = await talkTo(await open(), fine, { api, maxTokens: 700 });
        const { chat_id: session_id } = (await ask('POST', '/chats', { conversation: turns(count) })).json();
        const reply = await say('and now?', { session_id });
        expect(reply.json(), reply.body).toMatchObject({ final_output: 'Fine.', incomplete: null });
        const { omitted_turns: omitted, run_id: runId } = reply.json();
        expect(omitted).toBeGreaterThan(0);
        const kept = [...lastAsked(provider).matchAll(/question \d+/g)].length;
        expect(kept + omitted).toBe(count);
        expect(kept).toBeGreaterThan(0);
        expect(lastAsked(provider)).toContain(`question ${count - 1}`);
        expect(provider.refusals.length, 'requests that were too long').toBeLessThan(Math.log2(count) + 2);
        expect((await ask('GET', `/runs/${runId}`)).json()).toMatchObject({ omitted_turns: omitted });
        expect((await runs.get(talk.userId, runId)).status).toBe('completed');
        expect((await ask('GET', `/chats/${session_id}`)).json().conversation).toHaveLength(2 * count + 2);
      },
    );

    test('of messages that were never answered, one after the other, goes on, too', async () => {
      const { say, ask } = await talkTo(await open(), fine, { api, maxTokens: 700 });
      const conversation = Array.from({ length: 40 }, (_, n) => ({
        role: 'user',
        content: long(`question ${n}`),
      }));
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
      expect((await say('hello?', { session_id })).json()).toMatchObject({ final_output: 'Fine.' });
    });

    test('of which a window says how much it gets is not cut further', async () => {
      const history = { turns: 2 };
      const { say, ask, api: provider } = await talkTo(await open(), fine, { api, maxTokens: 700, history });
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation: turns(30) })).json();
      expect((await say('and now?', { session_id })).json()).toMatchObject({ omitted_turns: 0 });
      expect([...lastAsked(provider).matchAll(/question \d+/g)].map(([text]) => text)).toEqual([
        'question 29',
      ]);
      expect(provider.refusals).toEqual([]);
    });

    test('fails with a code of its own where halving is off', async () => {
      const history = { whenTooLong: 'fail' } as const;
      const { say, ask, api: provider } = await talkTo(await open(), fine, { api, maxTokens: 700, history });
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation: turns(30) })).json();
      const reply = await say('and now?', { session_id });
      expect([reply.statusCode, reply.json().code]).toEqual([422, 'context_too_long']);
      expect(provider.refusals).toHaveLength(1);
    });

    test('does not die of a message that is too long itself', async () => {
      const { say, api: provider } = await talkTo(await open(), fine, { api, maxTokens: 700 });
      expect((await say('hello')).json()).toMatchObject({ final_output: 'Fine.' });
      const reply = await say('word '.repeat(1_000));
      expect([reply.statusCode, reply.json().code]).toEqual([422, 'context_too_long']);
      const next = await say('thanks');
      expect(next.json(), next.body).toMatchObject({ final_output: 'Fine.' });
      expect(lastAsked(provider)).toContain('thanks');
    });

    test('is cut in the middle of a run, when what a tool returned does not fit beside it', async () => {
      const { say, ask, rolled } = await talkTo(
        await open(),
        (input) =>
          JSON.stringify(input).includes('rolled')
            ? { text: 'Done.' }
            : { calls: [{ name: 'roll', args: { sides: 6 }, id: 'c' }], text: long('thinking') },
        { api, maxTokens: 900 },
      );
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation: turns(2) })).json();
      const reply = await say('roll', { session_id });
      expect(reply.json(), reply.body).toMatchObject({ final_output: 'Done.' });
      expect(rolled).toHaveLength(1);
    });
  });
});
