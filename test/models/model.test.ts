import { Agent, ModelTimeoutError, Runner } from '@openai/agents-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createModel, DEFAULT_MODEL_NAME, type ModelConfig } from '../../src/models/model.ts';
import { OfflineModel } from '../../src/models/offline/offline-model.ts';
import { startOpenAiStub } from './openai-stub.ts';

const KEY = 'sk-very-secret';
const runner = new Runner({ tracingDisabled: true });

let stub: Awaited<ReturnType<typeof startOpenAiStub>>;

beforeAll(async () => {
  stub = await startOpenAiStub();
});
afterAll(() => stub.close());
beforeEach(() => {
  stub.seen.length = 0;
  stub.state.behaviour = 'answer';
});

async function agentWith(config: ModelConfig, timeoutMs = 10_000): Promise<Agent> {
  const { model } = await createModel(config);
  return new Agent({ name: 'Plain', model, modelSettings: { timeoutMs } });
}

describe('the chosen model', () => {
  it('is the offline one without key and base URL', async () => {
    const chosen = await createModel({});
    expect(chosen).toMatchObject({ name: 'offline', offline: true });
    expect(chosen.model).toBeInstanceOf(OfflineModel);
    expect(chosen.description).toContain('offline');
    expect(await createModel({ apiKey: '', baseUrl: '' })).toMatchObject({ offline: true });
  });

  it.each<[string, ModelConfig, string]>([
    ['OpenAI', { apiKey: KEY }, `${DEFAULT_MODEL_NAME} through api.openai.com (responses)`],
    [
      'OpenAI with the other API',
      { apiKey: KEY, model: 'gpt-4.1', api: 'chat_completions' },
      'gpt-4.1 through api.openai.com (chat_completions)',
    ],
    [
      'a local server',
      { baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama' },
      'llama through 127.0.0.1:11434 (chat_completions)',
    ],
    [
      'another server with the responses API',
      { apiKey: KEY, baseUrl: 'https://models.example/v1', model: 'm', api: 'responses' },
      'm through models.example (responses)',
    ],
  ])('of %s is described without its key', async (_case, config, description) => {
    expect(await createModel(config)).toMatchObject({ offline: false, description });
  });

  it.each(['localhost:11434', 'ftp://models.example', 'not a url', 'http://me:secret@models.example'])(
    'cannot come from the base URL %j, and the refusal does not repeat it',
    async (baseUrl) => {
      const error = await createModel({ baseUrl }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'invalid_configuration' });
      expect(String(error)).not.toContain(baseUrl);
    },
  );
});

describe.each([
  ['responses', '/v1/responses'],
  ['chat_completions', '/v1/chat/completions'],
] as const)('a model behind %s', (api, path) => {
  const config = (): ModelConfig => ({ apiKey: KEY, baseUrl: stub.baseUrl, model: 'stub-model', api });

  it('answers at once', async () => {
    const result = await runner.run(await agentWith(config()), 'Hello');
    expect(result.finalOutput).toBe('Well met, hero!');
    expect(result.state.usage).toMatchObject({ requests: 1, inputTokens: 7, outputTokens: 3 });
    expect(stub.seen).toMatchObject([
      { path, authorization: `Bearer ${KEY}`, body: { model: 'stub-model' } },
    ]);
  });

  it('answers as a stream', async () => {
    const result = await runner.run(await agentWith(config()), 'Hello', { stream: true });
    const pieces: string[] = [];
    for await (const piece of result.toTextStream()) pieces.push(piece);
    expect(pieces).toEqual(['Well ', 'met, ', 'hero!']);
    expect(result.finalOutput).toBe('Well met, hero!');
    expect(stub.seen).toMatchObject([{ path, body: { stream: true } }]);
  });

  it('is asked three times at most when it fails', async () => {
    stub.state.behaviour = 'fail';
    await expect(runner.run(await agentWith(config()), 'Hello')).rejects.toThrow('overloaded');
    expect(stub.seen).toHaveLength(3);
  });

  it('that never answers is given up in time, without another try', async () => {
    stub.state.behaviour = 'hang';
    const agent = await agentWith(config(), 150);
    await expect(runner.run(agent, 'Hello')).rejects.toBeInstanceOf(ModelTimeoutError);
    expect(stub.seen).toHaveLength(1);
  });
});

describe('a server without a key', () => {
  it('is asked through Chat Completions, and never with a key from the environment', async () => {
    const before = process.env.OPENAI_API_KEY;
    process.env.OPENAI_API_KEY = KEY;
    try {
      const { finalOutput } = await runner.run(await agentWith({ baseUrl: stub.baseUrl }), 'Hello');
      expect(finalOutput).toBe('Well met, hero!');
    } finally {
      if (before === undefined) delete process.env.OPENAI_API_KEY;
      else process.env.OPENAI_API_KEY = before;
    }
    expect(stub.seen).toMatchObject([{ path: '/v1/chat/completions', authorization: 'Bearer no-key' }]);
  });
});
