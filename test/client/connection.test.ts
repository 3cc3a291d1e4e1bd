import { describe, expect, it } from 'vitest';
import { QuestlogClient } from '../../src/client/index.ts';

type Answer = Response | (() => Response);

/** A `fetch` that gives these answers in turn, and what it was asked. */
function scripted(...answers: readonly Answer[]) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send = (async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return typeof answer === 'function' ? answer() : answer;
  }) as typeof fetch;
  return {
    asked,
    send,
    header: (index: number, name: string) => new Headers(asked[index]?.init.headers).get(name),
  };
}

function problem(status: number, code: string, more: object = {}): Response {
  return Response.json({ title: 't', status, code, detail: `it is ${code}`, ...more }, { status });
}

const page = () => Response.json({ title: null, items: [], has_more: false });

describe('a request', () => {
  it('fails with the code, the status and the fields of the server’s problem', async () => {
    const errors = [{ field: 'title', message: 'must be shorter' }];
    const { send } = scripted(problem(400, 'invalid_request', { errors }));
    await expect(new QuestlogClient({ fetch: send }).createChat()).rejects.toMatchObject({
      name: 'ApiError',
      code: 'invalid_request',
      status: 400,
      message: 'it is invalid_request',
      errors,
    });
  });

  it('fails with a code of the client’s own where no Questlog answers', async () => {
    const proxy = scripted(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(new QuestlogClient({ fetch: proxy.send }).listChats()).rejects.toMatchObject({
      code: 'unexpected_reply',
      status: 502,
      isPassing: true,
    });
    const html = scripted(new Response('<h1>Hello</h1>'));
    await expect(new QuestlogClient({ fetch: html.send }).listChats()).rejects.toMatchObject({
      code: 'unexpected_reply',
      isPassing: false,
    });
    const nobody = async () => {
      throw new TypeError('fetch failed');
    };
    await expect(new QuestlogClient({ fetch: nobody }).listChats()).rejects.toMatchObject({
      code: 'network',
      status: 0,
      isPassing: true,
    });
  });

  it('carries the user’s token, and once more with a fresh one when the server refuses it', async () => {
    const { send, header } = scripted(problem(401, 'unauthenticated'), page);
    const refreshed: boolean[] = [];
    const getToken = async ({ refresh }: { refresh: boolean }) => {
      refreshed.push(refresh);
      return refresh ? 'new' : 'old';
    };
    await new QuestlogClient({ fetch: send, getToken }).listItems('c');
    expect([header(0, 'authorization'), header(1, 'authorization')]).toEqual(['Bearer old', 'Bearer new']);
    expect(refreshed).toEqual([false, true]);
  });

  it('is refused for good when there is no other token', async () => {
    const { send, asked } = scripted(() => problem(401, 'unauthenticated'));
    const client = new QuestlogClient({ fetch: send, getToken: async () => 'same' });
    await expect(client.listChats()).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(asked).toHaveLength(1);
  });

  it('puts ids and queries into its address safely, and leaves out what is not given', async () => {
    const { send, asked } = scripted(page);
    const client = new QuestlogClient({ fetch: send, baseUrl: 'http://host/base/' });
    await client.listItems('a/b?c', { before: 7 });
    await client.listChats({ query: 'a&b', state: 'deleted' });
    expect(asked.map(({ url }) => url)).toEqual([
      'http://host/base/chats/a%2Fb%3Fc/items?before=7',
      'http://host/base/chats?q=a%26b&deleted_only=true',
    ]);
  });

  it('ends with the reason of its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(new QuestlogClient({ baseUrl: 'http://127.0.0.1:9' }).listChats({ signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('a request that begins a run', () => {
  it('is repeated with the same key while the server cannot be reached', async () => {
    const done = () => Response.json({ final_output: 'hello' });
    const { send, header, asked } = scripted(problem(503, 'shutting_down'), problem(502, 'nothing'), done);
    const reply = await new QuestlogClient({ fetch: send }).run({ input: 'x' });
    expect(reply.final_output).toBe('hello');
    expect(asked).toHaveLength(3);
    expect(header(2, 'idempotency-key')).toBe(header(0, 'idempotency-key'));
    expect(header(0, 'idempotency-key')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  });

  it('is not repeated when it began one that failed', async () => {
    const { send, asked } = scripted(() => problem(502, 'model_failed', { run_id: 'r' }));
    await expect(new QuestlogClient({ fetch: send }).run({ input: 'x' })).rejects.toMatchObject({
      code: 'model_failed',
      problem: { run_id: 'r' },
    });
    expect(asked).toHaveLength(1);
  });
});
