import { createServer } from 'node:http';
import { Agent, type AgentOptions } from '@openai/agents-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createModel } from '../../src/models/model.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { appOn, runsOn } from '../support/runs.ts';
import { readEvents } from '../support/sse.ts';

const APIS = ['responses', 'chat_completions'] as const;
type Api = (typeof APIS)[number];
const NO = 'I will not help with that.';
const USAGE = { input_tokens: 7, output_tokens: 3, total_tokens: 10 };

const EVENTS: Readonly<Record<Api, () => readonly object[]>> = {
  responses: () => {
    const content = [{ type: 'refusal', refusal: NO }];
    const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content };
    const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'x', output: [], usage: null };
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    return [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
      { type: 'response.refusal.delta', ...place, delta: NO },
      { type: 'response.output_item.done', output_index: 0, item },
      {
        type: 'response.completed',
        response: { ...response, status: 'completed', output: [item], usage: USAGE },
      },
    ];
  },
  chat_completions: () => {
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'x' };
    const choice = (delta: object, finish_reason: string | null) => ({
      ...chunk,
      choices: [{ index: 0, delta, finish_reason }],
    });
    return [choice({ role: 'assistant', refusal: NO }, null), choice({}, 'stop')];
  },
};

/** A provider whose model refuses everything, and what it was asked. */
async function refusingModel(api: Api) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push(text);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of EVENTS[api]()) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  const port = await listenLocally(server);
  onTestFinished(() => closeServer(server));
  const { model } = await createModel({ baseUrl: `http://127.0.0.1:${port}/v1`, api, model: 'x' });
  return { model, asked };
}

const CASES = DATABASES.flatMap(({ name, open }) => APIS.map((api) => ({ name, open, api })));

describe.each(CASES)('a refusal of the model is an answer ($name, $api)', ({ open, api }) => {
  async function stage(options: Partial<AgentOptions> | { outputType: z.ZodType } = {}) {
    const db = await open();
    const { model, asked } = await refusingModel(api);
    const agent = new Agent({ name: 'A', model, ...(options as Partial<AgentOptions>) });
    const { ask } = await appOn(runsOn(db), db, agent);
    const id = newUser();
    const run = await ask('POST', '/chat/run', { input: 'hi', session_id: id });
    const items = async () => (await ask('GET', `/chats/${id}`)).json().conversation;
    return { ask, asked, id, run, items };
  }

  const refused = (final_output: unknown) => ({ final_output, refusal: NO });
  const message = { role: 'assistant', content: [{ type: 'refusal', refusal: NO }] };

  test('stored once as it came, told by every door, and handed to the next model', async () => {
    const { ask, asked, id, run, items } = await stage();
    expect([run.statusCode, run.json()]).toMatchObject([200, { success: true, ...refused(NO) }]);
    expect(await items()).toMatchObject([{ role: 'user' }, message]);
    const stored = await ask('GET', `/runs/${run.json().run_id}`);
    expect(stored.json()).toMatchObject({ status: 'completed', error: null, ...refused(NO) });
    const events = readEvents(
      (await ask('POST', '/chat/stream', { input: 'again', session_id: id })).body,
    ).map(({ data }) => data);
    expect(events).toMatchObject([
      { type: 'raw_response', kind: 'refusal_delta', delta: NO },
      { type: 'run_item', name: 'message_output_created', item: message },
      { type: 'stream_complete', ...refused(NO) },
    ]);
    expect(await items()).toMatchObject([{ role: 'user' }, message, { role: 'user' }, message]);
    expect(asked[1]?.split(NO)).toHaveLength(2);
  });

  test('of an agent with an output type: no output, the refusal beside it', async () => {
    const { ask, id, run, items } = await stage({ outputType: z.object({ hp: z.number() }) });
    expect([run.statusCode, run.json()]).toMatchObject([200, refused(null)]);
    expect(await items()).toMatchObject([{ role: 'user' }, message]);
    const again = await ask('POST', '/chat/stream', { input: 'again', session_id: id });
    expect(readEvents(again.body).map(({ data }) => data)).toMatchObject([
      { type: 'raw_response', kind: 'refusal_delta' },
      { type: 'run_item', name: 'message_output_created', item: message },
      { type: 'stream_complete', ...refused(null) },
    ]);
    expect(await items()).toMatchObject([{ role: 'user' }, message, { role: 'user' }, message]);
  });

  test('that a guardrail withholds is in no reply and no history', async () => {
    const outputGuardrails = [
      { name: 'g', execute: async () => ({ tripwireTriggered: true, outputInfo: null }) },
    ];
    for (const outputType of ['text' as const, z.object({ hp: z.number() })]) {
      const { run, items } = await stage({ outputGuardrails, outputType } as Partial<AgentOptions>);
      expect([run.statusCode, run.json().code]).toEqual([422, 'run_refused']);
      expect(run.body + JSON.stringify(await items())).not.toContain(NO);
    }
  });
});
