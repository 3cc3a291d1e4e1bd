import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createModel } from '../../src/models/model.ts';
import { asUser, serverOn } from '../support/app.ts';
import { newUser, SERVER } from '../support/databases.ts';
import { type ProviderReply, startProvider } from '../support/provider.ts';
import { readEvents } from '../support/sse.ts';

/** Neither looks like a key: only their values tell that they are secrets. */
const API_KEY = 'correct-horse(battery)staple';
const LIVE_PASSWORD = 'hunter2 & more';
const SECRETS = [API_KEY, LIVE_PASSWORD, encodeURIComponent(LIVE_PASSWORD)];

const APIS = ['responses', 'chat_completions'] as const;
const organisation = fc.stringMatching(/^org-[A-Za-z0-9]{24}$/);
const host = fc.stringMatching(/^[a-z]{6,12}-[0-9]{2}\.cluster\.internal$/);
const filler = fc.constantFrom(
  ...['Rate limit reached', 'prompt is too long:', 'overloaded', 'content_filter', ' at ', '\n', 'Bearer '],
);
const message = fc
  .tuple(organisation, host, fc.constantFrom(...SECRETS), fc.array(filler, { maxLength: 5 }))
  .chain(([org, name, secret, words]) =>
    fc
      .shuffledSubarray([org, name, secret, ...words], { minLength: 3 + words.length })
      .map((parts) => ({ text: parts.join(' '), org, name })),
  );
const status = fc.constantFrom(400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529);

/** The ways in which a provider says something: as a reply, and in each form of an error in a stream. */
const FORMS: Readonly<Record<string, (text: string, status: number) => ProviderReply>> = {
  body: (text, code) => ({
    status: code,
    body: JSON.stringify({ error: { message: text, code: text, type: text } }),
  }),
  page: (text, code) => ({ status: code, type: 'text/html', body: `<h1>${text}</h1>` }),
  chunk: (text, code) => inStream({ error: { message: text, code } }),
  event: (text) => inStream({ type: 'error', code: 'x', message: text }),
  failed: (text) =>
    inStream({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'x', message: text } },
    }),
};

function inStream(data: object): ProviderReply {
  return { type: 'text/event-stream', body: `data: ${JSON.stringify(data)}\n\n` };
}

/** The ready server of this provider, and what it logs. */
async function serverOf(baseUrl: string, api: (typeof APIS)[number]) {
  const log: string[] = [];
  const app = await serverOn(await SERVER.open(), {
    model: await createModel({ apiKey: API_KEY, baseUrl, api, model: 'x' }),
    env: {
      OPENAI_API_KEY: API_KEY,
      QUESTLOG_LIVE_URL: `nats://me:${encodeURIComponent(LIVE_PASSWORD)}@127.0.0.1:9`,
    },
    onLog: (line) => log.push(line),
  });
  return { ask: asUser(app, newUser()), log };
}

describe.each(APIS)('whatever a provider of %s says in whatever form', (api) => {
  test('no client gets a word of it, and no log a secret', async () => {
    const reply: { current: ProviderReply } = { current: {} };
    const { baseUrl } = await startProvider(() => ({
      headers: { 'x-should-retry': 'false' },
      ...reply.current,
    }));
    const { ask, log } = await serverOf(baseUrl, api);
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(message, status, fc.constantFrom(...Object.keys(FORMS)), async (said, code, form) => {
        reply.current = FORMS[form]?.(said.text, code) ?? {};
        log.length = 0;
        const run = await ask('POST', '/chat/run', { input: 'hi' });
        const { run_id: runId, session_id: chatId } = run.json();
        codes.add(run.json().code);
        const stream = await ask('POST', '/chat/stream', { input: 'hi' });
        expect(readEvents(stream.body).at(-1)?.data).toMatchObject({ type: 'error', code: run.json().code });
        const again = [
          `/runs/${runId}`,
          `/runs/${runId}/events`,
          `/chats/${chatId}/runs`,
          `/chats/${chatId}`,
        ];
        const read = await Promise.all(again.map((url) => ask('GET', url)));
        const told = [run, stream, ...read].map(({ body, headers }) => body + JSON.stringify(headers)).join();
        for (const word of [said.org, said.name, ...SECRETS]) expect(told).not.toContain(word);
        for (const secret of SECRETS) expect(log.join('')).not.toContain(JSON.stringify(secret).slice(1, -1));
      }),
      { numRuns: 40 },
    );
    expect(codes.size).toBeGreaterThan(4);
  });
});

test('a run that failed in its stream is logged with the reason that the provider gave', async () => {
  const { baseUrl } = await startProvider(
    inStream({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: `${API_KEY} is busy` } },
    }),
  );
  const { ask, log } = await serverOf(baseUrl, 'responses');
  const run = await ask('POST', '/chat/run', { input: 'hi' });
  expect([run.statusCode, run.json()]).toMatchObject([429, { code: 'model_rate_limited', retry_after: 10 }]);
  const line = JSON.parse(log.find((text) => text.includes('"run failed"')) ?? '{}');
  expect(line).toMatchObject({
    run_id: run.json().run_id,
    error: { cause: { code: 'rate_limit_exceeded', message: '[redacted] is busy' } },
  });
});
