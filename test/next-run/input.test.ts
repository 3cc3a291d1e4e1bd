import { describe, expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';
const PNG = `data:image/png;base64,${PIXEL}`;
const user = (...content: readonly object[]) => [
  { role: 'user', content: [{ type: 'input_text', text: 'See:' }, ...content] },
];

/** Parts that an API does not take, and which one. */
const REFUSED: readonly (readonly [name: string, apis: readonly string[], part: object])[] = [
  ['audio', ['responses'], { type: 'audio', audio: 'UklGRg==', format: 'wav' }],
  ['an image without data', APIS, { type: 'input_image' }],
  ['an image that is empty', APIS, { type: 'input_image', image: '' }],
  ['a file without data', APIS, { type: 'input_file', filename: 'a.pdf' }],
  ['a file by URL', ['chat_completions'], { type: 'input_file', file: { url: 'https://example.com/a.pdf' } }],
  ['an image by file id', ['chat_completions'], { type: 'input_image', image: { id: 'file_1' } }],
  ['audio without format', ['chat_completions'], { type: 'audio', audio: 'UklGRg==' }],
  ['text in the place of an image', APIS, { type: 'input_image', image: 'data:text/plain;base64,YQ==' }],
];

/** Parts in an API's own form, and what the provider gets of them. */
const TRANSLATED: readonly (readonly [name: string, part: object, got: string])[] = [
  ['image_url of Responses', { type: 'input_image', image_url: PNG }, PIXEL],
  ['image_url of Chat Completions', { type: 'image_url', image_url: { url: PNG, detail: 'low' } }, PIXEL],
  [
    'file_data of Responses',
    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0x', filename: 'a.pdf' },
    'JVBERi0x',
  ],
  [
    'a file of Chat Completions',
    { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0x', filename: 'a.pdf' } },
    'JVBERi0x',
  ],
  ['file_id of Responses', { type: 'input_file', file_id: 'file_7' }, 'file_7'],
  ['text of Chat Completions', { type: 'text', text: 'as text' }, 'as text'],
  ['the base64 of an image', { type: 'input_image', image: PIXEL }, PNG],
];

describe.each(DATABASES)('input ($name)', ({ open }) => {
  describe.each(APIS)('%s', (api) => {
    test('that the API cannot take is refused with its path, before anything is stored', async () => {
      const {
        say,
        api: provider,
        talk,
        ask,
      } = await talkTo(await open(), () => ({ text: 'Fine.' }), { api });
      for (const [name, apis, part] of REFUSED) {
        if (!apis.includes(api)) continue;
        const reply = await say(user(part));
        expect([name, reply.statusCode]).toEqual([name, 400]);
        expect(reply.json()).toMatchObject({
          code: 'invalid_request',
          errors: [{ field: 'input[0].content[1]' }],
        });
      }
      for (const item of [
        { type: 'hosted_tool_call', name: 'web_search_call' },
        { role: 'assistant', status: 'completed', content: [{ type: 'image', image: PIXEL }] },
        { role: 'assistant', status: 'completed', content: [{ type: 'audio', audio: 'UklGRg==' }] },
        { role: 'user', content: [{ type: 'bogus' }] },
      ]) {
        const reply = await say([item]);
        expect(reply.statusCode, JSON.stringify(item)).toBe(400);
        expect(reply.json().errors[0].field).toMatch(/^input\[0\]/);
      }
      expect((await ask('GET', `/chats/${talk.chatId}`)).statusCode).toBe(404);
      expect(provider.asked).toEqual([]);
    });

    test('in an API’s own form is stored in the SDK’s, and reaches the model whole', async () => {
      const { say, api: provider } = await talkTo(await open(), () => ({ text: 'I see.' }), { api });
      for (const [name, part, got] of TRANSLATED) {
        const reply = await say(user(part));
        expect(reply.json(), name).toMatchObject({ final_output: 'I see.' });
        expect(lastAsked(provider), name).toContain(got);
      }
      expect(provider.refusals).toEqual([]);
    });

    test('with an answer of before as plain text reaches the model, with and without memory', async () => {
      const { say, api: provider } = await talkTo(await open(), () => ({ text: 'Fine.' }), { api });
      const input = [
        user({ type: 'input_text', text: 'hi' })[0],
        { role: 'assistant', content: 'Hail!' },
        ...user(),
      ];
      for (const session of [{}, { session_id: null }]) {
        expect((await say(input as object[], session)).json()).toMatchObject({ final_output: 'Fine.' });
        expect(lastAsked(provider)).toContain('Hail!');
      }
    });

    test('that only the provider knows to be wrong stays in the chat as refused, and no later run sends it', async () => {
      const {
        say,
        api: provider,
        talk,
        ask,
      } = await talkTo(
        await open(),
        (input) =>
          JSON.stringify(input).includes('bm9uZQ')
            ? { error: { status: 400, message: 'Invalid image SECRET.' } }
            : { text: 'Fine.' },
        { api },
      );
      expect((await say('Hello')).json()).toMatchObject({ final_output: 'Fine.' });
      const refused = await say(user({ type: 'input_image', image: 'data:image/png;base64,bm9uZQ==' }));
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'model_input_refused']);
      expect(refused.body).not.toContain('SECRET');
      expect((await say('thanks')).json(), 'the next run').toMatchObject({ final_output: 'Fine.' });
      expect(lastAsked(provider)).not.toContain('bm9uZQ');
      expect(lastAsked(provider)).toContain('Hello');
      const { items } = (await ask('GET', `/chats/${talk.chatId}/items`)).json();
      expect(items.map(({ blocked }: { blocked: boolean }) => blocked)).toEqual([
        false,
        false,
        true,
        false,
        false,
      ]);
    });

    test('of plain text is not held against a provider that refuses for another reason', async () => {
      let isWrong = true;
      const { say, api: provider } = await talkTo(
        await open(),
        () => (isWrong ? { error: { status: 400, message: 'Unsupported parameter.' } } : { text: 'Fine.' }),
        { api },
      );
      expect((await say('remember me')).statusCode).toBe(422);
      isWrong = false;
      expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
      expect(lastAsked(provider)).toContain('remember me');
    });

    test('filtered by the provider’s policy is not sent again', async () => {
      const { say, api: provider } = await talkTo(
        await open(),
        (input) =>
          JSON.stringify(input).includes('forbidden')
            ? { error: { status: 400, code: 'content_filter' } }
            : { text: 'Fine.' },
        { api },
      );
      const refused = await say('something forbidden');
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'model_content_filtered']);
      expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
      expect(lastAsked(provider)).not.toContain('forbidden');
    });

    test('of before that the provider does not take any more is sent as plain text', async () => {
      const {
        say,
        ask,
        api: provider,
      } = await talkTo(
        await open(),
        (input) =>
          JSON.stringify(input).includes('bm9uZQ')
            ? { error: { status: 400, message: 'Invalid image.' } }
            : { text: 'Fine.' },
        { api },
      );
      const conversation = user({ type: 'input_image', image: 'data:image/png;base64,bm9uZQ==' });
      const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
      for (const turn of [1, 2]) {
        expect((await say(`turn ${turn}`, { session_id })).json()).toMatchObject({ final_output: 'Fine.' });
        expect(lastAsked(provider)).toContain('[an image that this model cannot be given]');
      }
    });
  });
});
