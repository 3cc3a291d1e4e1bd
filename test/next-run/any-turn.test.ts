import { Agent } from '@openai/agents-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { newId } from '../../src/ids.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { eventOf, runsOn, strictModel, Talk } from '../support/runs.ts';
import type { Reply, ReplyCall } from '../support/strict/reply.ts';
import type { ApiItem } from '../support/strict/responses-faults.ts';
import { APIS, rollTool } from './stage.ts';

const call = fc.record<ReplyCall>(
  {
    name: fc.constantFrom('roll', 'fly', 'rm -rf'),
    args: fc.constantFrom({ sides: 6 }, {}),
    id: fc.constantFrom('roll:0', '', 'a'),
  },
  { requiredKeys: ['name', 'args', 'id'] },
);
/** An answer of a provider, well or badly formed. */
const reply: fc.Arbitrary<Reply> = fc.record(
  {
    reasoning: fc.constant('hm'),
    text: fc.constantFrom('Hm.', 'one two three'),
    calls: fc
      .array(call, { minLength: 1, maxLength: 3 })
      .map((calls) => calls.map((one, index) => ({ ...one, index }))),
    finish: fc.constantFrom('length', 'content_filter'),
    breaks: fc.record({ after: fc.nat({ max: 2 }), how: fc.constantFrom('error', 'end', 'reset') }),
    error: fc.record({ status: fc.constantFrom(400, 401, 429, 500) }),
  },
  { requiredKeys: [] },
);
const parts = fc.constantFrom(
  { type: 'input_text', text: 'look' },
  { type: 'input_image', image: 'data:image/png;base64,bm9uZQ==' },
  { type: 'input_file', file: 'data:application/pdf;base64,JVBERi0x', filename: 'a.pdf' },
);
/** One turn: what the user says, to the model of which API, what it answers first, and whether the user stops it. */
const turn = fc.record({
  api: fc.nat({ max: 1 }),
  says: fc.oneof(fc.constant('go'), fc.array(parts, { minLength: 1, maxLength: 3 })),
  answers: fc.array(reply, { maxLength: 3 }),
  stops: fc.boolean(),
});

const isThanks = (input: readonly ApiItem[]) => JSON.stringify(input.at(-1)).includes('thanks');

async function stage(db: Database) {
  let answers: Reply[] = [];
  const script = (input: readonly ApiItem[]): Reply =>
    isThanks(input) ? { text: 'Fine.' } : (answers.shift() ?? { text: 'Well.' });
  const asked = await Promise.all(APIS.map((api) => strictModel(script, { api })));
  const agents = asked.map(({ model }) => new Agent({ name: 'A', model, tools: [rollTool().roll] }));
  const runs = runsOn(db);
  const answerWith = (next: readonly Reply[]) => {
    answers = [...next];
  };
  return { apis: asked.map(({ api }) => api), agents, runs, answerWith };
}

test.each(DATABASES)(
  'whatever the providers of both APIs send and however turns end, every next run works ($name)',
  { timeout: 120_000 },
  async ({ open }) => {
    const db = await open();
    const { apis, agents, runs, answerWith } = await stage(db);
    const property = fc.asyncProperty(
      fc.array(turn, { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 1 }),
      async (turns, last) => {
        const talk = new Talk(db, runs, { userId: newUser(), chatId: newId() });
        for (const { api, says, answers, stops } of turns) {
          answerWith(answers);
          const input = typeof says === 'string' ? says : [{ role: 'user', content: says }];
          const run = await talk.start(agents[api] as Agent, input);
          if (stops) {
            await Promise.race([
              eventOf(run, () => true).catch(() => undefined),
              run.result().catch(() => undefined),
            ]);
            await runs.cancel(talk.userId, run.runId);
          }
          await run.result().catch(() => undefined);
        }
        answerWith([]);
        for (const api of [last, 1 - last]) {
          expect(await talk.say(agents[api] as Agent, 'thanks')).toMatchObject({ final_output: 'Fine.' });
        }
        expect(apis.flatMap(({ refusals }) => refusals)).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  },
);
