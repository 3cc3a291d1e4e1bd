import { describe, expect, test } from 'vitest';
import { textOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import type { Reply, Script } from '../support/strict/reply.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

/** A rule of a server that the stand-in does not have, and the answer where it is kept. */
function unless(isBroken: (json: string) => boolean, code?: string): Script {
  const error = { status: 400, message: 'SECRET rule', ...(code === undefined ? {} : { code }) };
  return (input) => (isBroken(JSON.stringify(input)) ? { error } : { text: 'Fine.' });
}

const user = (content: unknown) => ({ role: 'user', content });
const said = (text: string) => ({
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text }],
});
const pair = (callId: string, output: string) => [
  { type: 'function_call', callId, name: 'roll', arguments: '{}', status: 'completed' },
  { type: 'function_call_result', callId, name: 'roll', status: 'completed', output },
];

/** Histories that made chats of other products answer no more, and the rule that they break. */
const DEAD: readonly (readonly [name: string, script: Script, conversation: readonly object[]])[] = [
  [
    'an answer that the content filter refuses',
    unless((json) => json.includes('POISON'), 'content_filter'),
    [user('hi'), said('POISON'), user('go'), said('ok')],
  ],
  [
    'a tool’s result that the content filter refuses',
    unless((json) => json.includes('POISON'), 'content_filter'),
    [user('hi'), ...pair('a', 'POISON'), said('ok')],
  ],
  [
    'half of a surrogate pair',
    unless((json) => /\\ud[89a-f]/i.test(json)),
    [user('cut \ud83d'), ...pair('a', '\ud83d'), said('ok')],
  ],
  [
    'answers and messages that are blank',
    unless((json) => /"(text|content)":"\s*(\\n)?"/.test(json)),
    [user('hi'), said(' \n'), user(' '), said(''), user('go'), said('ok')],
  ],
  [
    'a list that is too long',
    unless((json) => json.includes('question 3'), 'array_above_max_length'),
    Array.from({ length: 9 }, (_, n) => [user(`question ${n}`), said('ok')]).flat(),
  ],
  [
    'a text that is too long',
    unless((json) => json.length > 5_000, 'string_above_max_length'),
    [user('hi'), ...pair('a', 'x'.repeat(9_000)), said('ok')],
  ],
  [
    'ids that another provider made',
    unless((json) => /functions\.roll:0/.test(json)),
    [user('hi'), ...pair('functions.roll:0', '7'), said('ok')],
  ],
  [
    'messages that were not answered, for a model that wants answers between them',
    unless((json) => /"role":"user","content":"[^"]*"\},\{"role":"user"/.test(json)),
    [user('hi'), user('hello?')],
  ],
];

describe.each(DATABASES)('a chat with what ended the chats of others ($name)', ({ open }) => {
  describe.each(APIS)('%s', (api) => {
    test.each(DEAD)('%s: goes on, and what is stored stays', async (_name, script, conversation) => {
      const { ask, say } = await talkTo(await open(), script, { api });
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
      for (const turn of ['thanks', 'thanks again']) {
        const reply = await say(turn, { session_id });
        expect(reply.json(), reply.body).toMatchObject({ final_output: 'Fine.' });
      }
      const items = (await ask('GET', `/chats/${session_id}/items?limit=100`)).json().items;
      expect(items.slice(0, conversation.length).map(({ item }: { item: object }) => item)).toEqual(
        conversation,
      );
      expect(items.some(({ blocked }: { blocked: boolean }) => blocked)).toBe(false);
    });

    test('in another form than the SDK’s: every text and picture of a message reaches the model', async () => {
      const { ask, say, api: provider } = await talkTo(await open(), () => ({ text: 'Fine.' }), { api });
      const png = 'data:image/png;base64,iVBORw0KGgo=';
      const conversation = [
        user([
          { type: 'text', text: 'I am Robin' },
          { type: 'image_url', image_url: { url: png } },
          { type: 'video', video: 'x' },
        ]),
        { role: 'assistant', content: [{ type: 'text', text: 'Hail!' }] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Well met.' }] },
      ];
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
      expect((await say('who am I?', { session_id })).json()).toMatchObject({ final_output: 'Fine.' });
      for (const text of ['I am Robin', png, '[a part of the message that', 'Hail!', 'Well met.']) {
        expect(lastAsked(provider)).toContain(text);
      }
    });

    test.each<Reply>([{}, { reasoning: 'hm' }])(
      'answered with nothing (%j): is asked once, and says so',
      async (nothing) => {
        let asked = 0;
        const { say } = await talkTo(
          await open(),
          () => {
            asked += 1;
            return asked === 1 ? nothing : { text: 'Fine.' };
          },
          { api },
        );
        const reply = await say('hi');
        expect([reply.statusCode, reply.json().code, asked]).toEqual([502, 'model_failed', 1]);
        expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
      },
    );

    test.each(['length', 'content_filter'] as const)(
      'cut off (%s) in the middle of calls: none is executed',
      async (finish) => {
        const { say, rolled, talk } = await talkTo(
          await open(),
          (input) =>
            JSON.stringify(input).includes('thanks')
              ? { text: 'Fine.' }
              : { text: 'Rolling', calls: [{ name: 'roll', args: { sides: 6 } }], finish },
          { api },
        );
        const reply = await say('roll');
        expect(reply.json(), reply.body).toMatchObject({ final_output: 'Rolling', incomplete: finish });
        expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
        expect(rolled).toEqual([]);
        expect((await talk.history()).map(textOf)).toEqual(['roll', 'Rolling', 'thanks', 'Fine.']);
      },
    );

    test('one request at the provider is counted once, when the answer is cut off', async () => {
      const { say } = await talkTo(await open(), () => ({ text: 'Once', finish: 'length' }), { api });
      expect((await say('tell')).json().usage).toEqual({
        requests: 1,
        input_tokens: 7,
        output_tokens: 3,
        total_tokens: 10,
      });
    });
  });
});
