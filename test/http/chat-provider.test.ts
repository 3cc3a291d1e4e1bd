import { Agent } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { createModel, type ModelConfig } from '../../src/models/model.ts';
import { startOpenAiStub } from '../models/openai-stub.ts';
import { historyOf, textOf } from '../support/agents.ts';
import { agentTest, appWith, asUser } from '../support/app.ts';
import { DATABASES, newUser } from '../support/databases.ts';
import { type ProviderReply, startProvider } from '../support/provider.ts';
import { readEvents } from '../support/sse.ts';

const KEY = 'sk-proj-4bC_dEfGhIjKlMnOpQrStUvWx';
const APIS = ['responses', 'chat_completions'] as const;
const error = (message: string, code: string) => JSON.stringify({ error: { message, code, type: 'x' } });

async function agentBy(config: ModelConfig): Promise<Agent> {
  const { model } = await createModel({ apiKey: KEY, ...config });
  return new Agent({ name: 'A', instructions: 'You help.', model });
}

for (const api of APIS) {
  agentTest(`a real client of ${api} is run, streamed and remembered`, async ({ talkTo }) => {
    const stub = await startOpenAiStub();
    try {
      const ask = await talkTo(await agentBy({ baseUrl: stub.baseUrl, api }));
      const first = (await ask('POST', '/chat/run', { input: 'Hail' })).json();
      expect(first).toMatchObject({
        success: true,
        final_output: 'Well met, hero!',
        usage: { requests: 1, input_tokens: 7, output_tokens: 3, total_tokens: 10 },
      });
      const second = await ask('POST', '/chat/stream', { input: 'Again', session_id: first.session_id });
      const events = readEvents(second.body).map(({ data }) => data);
      expect(events.flatMap(({ delta }) => (delta === undefined ? [] : [delta])).join('')).toBe(
        'Well met, hero!',
      );
      expect(events.at(-1)).toMatchObject({ type: 'stream_complete', final_output: 'Well met, hero!' });
      expect(stub.seen[1]?.authorization).toBe(`Bearer ${KEY}`);
      expect(JSON.stringify(stub.seen[1]?.body)).toMatch(/Hail.*Well met, hero!.*Again/);
      expect((await historyOf(ask, first.session_id)).map(textOf)).toEqual([
        'Hail',
        'Well met, hero!',
        'Again',
        'Well met, hero!',
      ]);
    } finally {
      await stub.close();
    }
  });
}

interface Trouble {
  readonly name: string;
  readonly reply: ProviderReply;
  readonly runTimeoutMs?: number;
  readonly problem: { readonly status: number; readonly code: string; readonly detail: unknown };
}

const failed = (detail: RegExp) => ({
  status: 502,
  code: 'model_failed',
  detail: expect.stringMatching(detail),
});

const TROUBLES: readonly Trouble[] = [
  {
    name: 'refuses the key',
    reply: { status: 401, body: error(`Incorrect API key provided: ${KEY}.`, 'invalid_api_key') },
    problem: failed(/^the model's provider: 401 Incorrect API key provided: \[redacted\]/),
  },
  {
    name: 'has had enough',
    reply: { status: 429, body: error('You exceeded your current quota', 'insufficient_quota') },
    problem: failed(/429 You exceeded your current quota/),
  },
  {
    name: 'does not know the model',
    reply: { status: 404, body: error('The model `x` does not exist', 'model_not_found') },
    problem: failed(/404 The model `x` does not exist/),
  },
  {
    name: 'fails',
    reply: { status: 500, body: error('The server had an error', 'server_error') },
    problem: failed(/500 The server had an error/),
  },
  {
    name: 'is a proxy with a page',
    reply: { status: 502, type: 'text/html', body: '<html>Bad Gateway</html>' },
    problem: failed(/502/),
  },
  { name: 'answers with nothing', reply: { type: 'text/event-stream', body: '' }, problem: failed(/./) },
  {
    name: 'answers with a page',
    reply: { type: 'text/html', body: '<html>Welcome to the hotel WLAN</html>' },
    problem: failed(/./),
  },
  {
    name: 'answers with garbage',
    reply: { type: 'text/event-stream', body: 'data: {"id": 1, "cho\n\ndata: [DONE]\n\n' },
    problem: failed(/./),
  },
  {
    name: 'breaks off',
    reply: { type: 'text/event-stream', body: 'data: {"type":"response.created","choi', breaks: true },
    problem: failed(/./),
  },
  {
    name: 'never answers',
    reply: { hangs: true },
    runTimeoutMs: 800,
    problem: { status: 504, code: 'model_timeout', detail: 'the run took too long and was ended' },
  },
];

describe.each(APIS)('when the provider of a model by %s', (api) => {
  test.each(TROUBLES)(
    '$name, the run says so, and nothing of the key',
    async ({ reply, runTimeoutMs, problem }) => {
      const [, postgres] = DATABASES;
      const { baseUrl } = await startProvider(reply);
      const agent = await agentBy({ baseUrl, api, model: 'x' });
      const app = await appWith(await (postgres as (typeof DATABASES)[0]).open(), { agent, runTimeoutMs });
      const ask = asUser(app, newUser());
      const run = await ask('POST', '/chat/run', { input: 'hi' });
      expect([run.statusCode, run.json()]).toMatchObject([problem.status, problem]);
      expect(run.body).not.toContain(KEY);
      expect((await historyOf(ask, run.json().session_id)).map(textOf)).toEqual(['hi']);
    },
  );

  test('cannot be reached, the run says so', async () => {
    const [, postgres] = DATABASES;
    const agent = await agentBy({ baseUrl: 'http://127.0.0.1:9/v1', api, model: 'x' });
    const app = await appWith(await (postgres as (typeof DATABASES)[0]).open(), { agent });
    const run = await asUser(app, newUser())('POST', '/chat/run', { input: 'hi' });
    expect([run.statusCode, run.json()]).toMatchObject([502, failed(/Connection error/)]);
  });
});
