import { Agent, type Model, type ModelRequest, type StreamEvent, Usage } from '@openai/agents-core';
import { expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { appendItems } from '../support/history.ts';
import { eventsOf, runsOn, Talk } from '../support/runs.ts';

const started: StreamEvent = { type: 'response_started' };
const raw = (event: object): StreamEvent => ({ type: 'model', event });
const answer: StreamEvent = {
  type: 'response_done',
  response: {
    id: 'r',
    usage: new Usage(),
    output: [
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Fine.' }],
      },
    ],
  },
};

/** A model whose provider says in its stream, after it has begun, that the request is too long. */
class Streaming implements Model {
  readonly asked: number[] = [];

  getResponse(): never {
    throw new Error('not asked');
  }

  async *getStreamedResponse({ input }: ModelRequest): AsyncGenerator<StreamEvent> {
    this.asked.push(input.length);
    yield started;
    yield raw({ type: 'response.created' });
    yield raw({ type: 'response.in_progress' });
    if (input.length > 3) {
      yield raw({
        type: 'response.failed',
        response: { error: { code: 'context_length_exceeded', message: 'SECRET' } },
      });
      throw new Error('ended with an unsuccessful terminal state');
    }
    yield { type: 'output_text_delta', delta: 'Fine.' };
    yield answer;
  }
}

test.each(DATABASES)(
  'a request that a stream says to be too long is asked again, and no event of the first is told ($name)',
  async ({ open }) => {
    const db = await open();
    const model = new Streaming();
    const talk = new Talk(db, runsOn(db));
    await appendItems(db, talk, ['one', 'two', 'three', 'four']);
    const run = await talk.start(new Agent({ name: 'A', model }), 'five');
    expect(await run.result()).toMatchObject({ final_output: 'Fine.', omitted_turns: 2 });
    expect(model.asked).toEqual([5, 3]);
    const kinds = (await eventsOf(run)).map(({ text }) => JSON.parse(text).type);
    expect(kinds).toEqual(['raw_response', 'run_item', 'stream_complete']);
  },
);
