import { createServer } from 'node:http';
import { Agent } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { createModel, type ModelConfig } from '../../src/models/model.ts';
import type { Problem } from '../../src/wire/problem-schema.ts';
import { startOpenAiStub } from '../models/openai-stub.ts';
import { historyOf, textOf } from '../support/agents.ts';
import { agentTest, asUser, serverOn } from '../support/app.ts';
import { newUser, SERVER } from '../support/databases.ts';
import { closeServer, listenLocally } from '../support/local-server.ts';
import { type ProviderReply, startProvider } from '../support/provider.ts';
import { readEvents } from '../support/sse.ts';

const KEY = 'sk-proj-4bC_dEfGhIjKlMnOpQrStUvWx';
const APIS = ['responses', 'chat_completions'] as const;

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
  readonly problem: Partial<Problem> & { readonly status: number; readonly code: string };
}

/** What was in a provider's messages in trials. */
const TOLD = `for ${KEY} of org-uOtiSEwvUnroadaOnJJquBEC at gpu-7.cluster.internal`;
const error = (message: string, code: string) =>
  JSON.stringify({ error: { message: `${message} ${TOLD}`, code, type: 'x' } });
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
/** The client tries no more. */
const last = { 'x-should-retry': 'false' };

const TROUBLES: readonly Trouble[] = [
  {
    name: 'refuses the key',
    reply: { status: 401, body: error('Incorrect API key provided', 'invalid_api_key') },
    problem: { status: 500, code: 'model_unauthorized' },
  },
  {
    name: 'is asked too often',
    reply: { status: 429, body: error('Rate limit', 'x'), headers: { 'retry-after': '7', ...last } },
    problem: { status: 429, code: 'model_rate_limited', retry_after: 7 },
  },
  {
    name: 'is asked too often and does not say for how long',
    reply: { status: 429, body: error('Rate limit', 'x'), headers: last },
    problem: { status: 429, code: 'model_rate_limited', retry_after: 10 },
  },
  {
    name: 'says so in the middle of a stream',
    reply: {
      type: 'text/event-stream',
      body: event(JSON.parse(error('Rate limit', 'rate_limit_exceeded'))),
      headers: last,
    },
    problem: { status: 429, code: 'model_rate_limited', retry_after: 10 },
  },
  {
    name: 'has had enough',
    reply: { status: 429, body: error('You exceeded your current quota', 'insufficient_quota') },
    problem: { status: 500, code: 'model_quota_exceeded' },
  },
  {
    name: 'does not know the model',
    reply: { status: 404, body: error('The model `x` does not exist', 'model_not_found') },
    problem: { status: 500, code: 'model_not_found' },
  },
  {
    name: 'cannot read so much',
    reply: { status: 400, body: error("This model's maximum context length is 9 tokens", 'x') },
    problem: { status: 422, code: 'context_too_long' },
  },
  {
    name: 'filters what is said',
    reply: { status: 400, body: error('The response was filtered', 'content_filter') },
    problem: { status: 422, code: 'model_content_filtered' },
  },
  {
    name: 'does not take the input',
    reply: { status: 400, body: error('No tool output found for function call', 'x') },
    problem: { status: 422, code: 'model_input_refused' },
  },
  {
    name: 'fails',
    reply: { status: 500, body: error('The server had an error', 'server_error'), headers: last },
    problem: { status: 503, code: 'model_unavailable' },
  },
  {
    name: 'is under repair',
    reply: { status: 503, body: error('Down', 'x'), headers: { 'retry-after': '120', ...last } },
    problem: { status: 503, code: 'model_unavailable', retry_after: 120 },
  },
  {
    name: 'is a proxy with a page',
    reply: { status: 502, type: 'text/html', body: `<html>Bad Gateway ${TOLD}</html>`, headers: last },
    problem: { status: 503, code: 'model_unavailable' },
  },
  {
    name: 'answers with nothing',
    reply: { type: 'text/event-stream', body: '' },
    problem: { status: 502, code: 'model_failed' },
  },
  {
    name: 'answers with a page',
    reply: { type: 'text/html', body: `<html>Welcome to the hotel WLAN ${TOLD}</html>` },
    problem: { status: 502, code: 'model_failed' },
  },
  {
    name: 'answers with garbage',
    reply: { type: 'text/event-stream', body: `data: {"id": 1, "cho ${TOLD}\n\ndata: [DONE]\n\n` },
    problem: { status: 502, code: 'model_failed' },
  },
  {
    name: 'breaks off',
    reply: { type: 'text/event-stream', body: 'data: {"type":"response.created","choi', breaks: true },
    problem: { status: 503, code: 'model_unavailable' },
  },
  {
    name: 'never answers',
    reply: { hangs: true },
    problem: { status: 504, code: 'model_timeout', detail: 'the run took too long and was ended' },
  },
];

/** The ready server with this provider, and what it logs. */
async function serverWith(baseUrl: string, api: (typeof APIS)[number]) {
  const model = await createModel({ apiKey: KEY, baseUrl, api, model: 'x' });
  const log: string[] = [];
  const app = await serverOn(await SERVER.open(), {
    model,
    env: { OPENAI_API_KEY: KEY, QUESTLOG_RUN_TIMEOUT: '2' },
    onLog: (line) => log.push(line),
  });
  return { ask: asUser(app, newUser()), log };
}

/** Fails by both routes and reads it again; what each said, and the log. */
async function fail(baseUrl: string, api: (typeof APIS)[number]) {
  const { ask, log } = await serverWith(baseUrl, api);
  const run = await ask('POST', '/chat/run', { input: 'hi' });
  const { run_id, session_id } = run.json();
  const stream = await ask('POST', '/chat/stream', { input: 'hi' });
  const stored = await ask('GET', `/runs/${run_id}`);
  const events = await ask('GET', `/runs/${run_id}/events`);
  const runs = await ask('GET', `/chats/${session_id}/runs`);
  const said = [run, stream, stored, events, runs].map(({ body }) => body).join('\n');
  return { ask, run, stream, stored, said, log: log.join('') };
}

/** No word of the provider's, or of the place where the server runs. */
function expectOurs(said: string): void {
  for (const word of [KEY, 'org-', '.internal', '127.0.0.1', 'ECONN', 'fetch failed', 'hotel']) {
    expect(said).not.toContain(word);
  }
}

describe.each(APIS)('when the provider of a model by %s', (api) => {
  test.each(TROUBLES)('$name, a client is told what to do, in our words', async ({ reply, problem }) => {
    const { baseUrl } = await startProvider(reply);
    const { ask, run, stream, stored, said, log } = await fail(baseUrl, api);
    expect([run.statusCode, run.json()]).toMatchObject([problem.status, problem]);
    expect(run.headers['retry-after']).toBe(problem.retry_after?.toString());
    const { run_id, session_id, ...told } = run.json();
    expect(readEvents(stream.body).at(-1)?.data).toMatchObject({ type: 'error', ...told });
    expect(stored.json()).toMatchObject({ status: 'failed', error: told });
    expectOurs(said);
    expect(log).not.toContain(KEY);
    expect(log.split('\n').find((line) => line.includes('"run failed"'))).toContain(run_id);
    expect((await historyOf(ask, session_id)).map(textOf)).toEqual(['hi']);
  });

  test('cannot be reached, a client is told so, and the log where', async () => {
    const server = createServer();
    const port = await listenLocally(server);
    await closeServer(server);
    const { run, said, log } = await fail(`http://127.0.0.1:${port}/v1`, api);
    expect([run.statusCode, run.json()]).toMatchObject([503, { code: 'model_unavailable' }]);
    expectOurs(said);
    expect(log).toContain('ECONNREFUSED');
  });

  test('says why, the log repeats it under the id of the run, without the key', async () => {
    const { baseUrl } = await startProvider({ status: 401, body: error('Incorrect key', 'invalid_api_key') });
    const { run, log } = await fail(baseUrl, api);
    const line = log.split('\n').find((text) => text.includes('"run failed"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      run_id: run.json().run_id,
      error: {
        code: 'model_unauthorized',
        cause: {
          status: 401,
          code: 'invalid_api_key',
          message: expect.stringContaining('Incorrect key for [redacted] of org-'),
        },
      },
    });
  });
});
