import { describe, expect, test } from 'vitest';
import { textOf } from '../support/agents.ts';
import { DATABASES } from '../support/databases.ts';
import { createGate } from '../support/gate.ts';
import { eventOf, eventsOf } from '../support/runs.ts';
import type { Reply } from '../support/strict/reply.ts';
import { APIS, lastAsked, talkTo } from './stage.ts';

/** Answers that are not whole, and what the reply says of them. */
const INCOMPLETE: readonly (readonly [name: string, reply: Reply, reason: string])[] = [
  ['reached its limit', { reasoning: 'hm', text: 'Once upon a', finish: 'length' }, 'length'],
  ['was filtered', { text: 'Once upon a', finish: 'content_filter' }, 'content_filter'],
];

describe.each(DATABASES)('an answer ($name)', ({ open }) => {
  describe.each(APIS)('%s', (api) => {
    test.each(INCOMPLETE)(
      'that %s is no plain success: the reply, the stream and the run say why',
      async (_name, reply, reason) => {
        let isFirst = true;
        const {
          say,
          talk,
          agent,
          ask,
          api: provider,
        } = await talkTo(
          await open(),
          () => {
            const answer = isFirst ? reply : { text: 'Whole.' };
            isFirst = false;
            return answer;
          },
          { api },
        );
        const told = await say('tell');
        expect(told.json(), told.body).toMatchObject({
          success: true,
          final_output: 'Once upon a',
          incomplete: reason,
        });
        expect((await ask('GET', `/runs/${told.json().run_id}`)).json()).toMatchObject({
          status: 'completed',
          incomplete: reason,
        });
        expect((await talk.history()).at(-1)).toMatchObject({ role: 'assistant', status: 'incomplete' });
        const next = await talk.start(agent, 'go on');
        const events = (await eventsOf(next)).map(({ text }) => JSON.parse(text));
        expect(events.at(-1)).toMatchObject({
          type: 'stream_complete',
          incomplete: null,
          final_output: 'Whole.',
        });
        expect(lastAsked(provider)).toContain('Once upon a');
        expect(provider.refusals).toEqual([]);
      },
    );

    test('that was stopped when the model had said all of it is stored once, and the next model gets it once', async () => {
      const hangs = createGate();
      const {
        talk,
        agent,
        runs,
        api: provider,
      } = await talkTo(
        await open(),
        (input) =>
          JSON.stringify(input).includes('thanks')
            ? { text: 'Fine.' }
            : { text: 'one two three ', pace: 1, hangAfter: 2, until: hangs.opened },
        { api },
      );
      const run = await talk.start(agent, 'count');
      await eventOf(run, (event) => event.type === 'raw_response' && event.delta === 'two ');
      hangs.open();
      await runs.cancel(talk.userId, run.runId);
      await run.result().catch(() => undefined);
      expect(await talk.say(agent, 'thanks')).toMatchObject({ final_output: 'Fine.' });
      const texts = (await talk.history()).map(textOf);
      expect(texts.filter((text) => text.startsWith('one'))).toHaveLength(1);
      expect([...lastAsked(provider).matchAll(/one two/g)]).toHaveLength(1);
    });

    test.each(['error', 'end', 'reset'] as const)(
      'that breaks off (%s) keeps what was said, and the next run works',
      async (how) => {
        const {
          say,
          talk,
          api: provider,
        } = await talkTo(
          await open(),
          (input) =>
            JSON.stringify(input).includes('thanks')
              ? { text: 'Fine.' }
              : { text: 'one two three', breaks: { after: 2, how } },
          { api },
        );
        const broken = await say('count');
        const { code, incomplete } = broken.json();
        expect(code ?? incomplete, broken.body).toMatch(/^(model_unavailable|model_failed|cut_off)$/);
        expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
        expect((await talk.history()).map(textOf)).toEqual(['count', 'one two ', 'thanks', 'Fine.']);
        expect(provider.refusals).toEqual([]);
      },
    );
  });

  test('of Chat Completions that the provider ends with an error fails, and keeps what was said', async () => {
    const { say, talk } = await talkTo(
      await open(),
      (input) =>
        JSON.stringify(input).includes('thanks') ? { text: 'Fine.' } : { text: 'one two', finish: 'error' },
      { api: 'chat_completions' },
    );
    const reply = await say('count');
    expect([reply.statusCode, reply.json().code]).toEqual([503, 'model_unavailable']);
    expect((await say('thanks')).json()).toMatchObject({ final_output: 'Fine.' });
    expect((await talk.history()).map(textOf)).toEqual(['count', 'one two', 'thanks', 'Fine.']);
  });
});
