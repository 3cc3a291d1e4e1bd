import { Agent, handoff, type RunContext, tool } from '@openai/agents-core';
import { assistantMessage, functionCall, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ChatContext } from '../../src/run/types.ts';
import { historyOf, kindOf, kindsOf, textOf } from '../support/agents.ts';
import { agentTest, asUser, serverOn } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** An agent that says these things, one a run. */
function agentSaying(...texts: readonly string[]) {
  const model = new ScriptedModel(texts.map((text) => [assistantMessage(text)]));
  return { model, agent: new Agent({ name: 'Assistant', instructions: 'You help.', model }) };
}

agentTest('a run answers with its whole outcome, and its X-Run-Id', async ({ talkTo }) => {
  const ask = await talkTo(agentSaying('Well met!').agent);
  const reply = await ask('POST', '/chat/run', { input: 'hi' });
  expect(reply.statusCode).toBe(200);
  expect(reply.json()).toStrictEqual({
    success: true,
    error: null,
    final_output: 'Well met!',
    refusal: null,
    usage: { requests: 1, input_tokens: 0, output_tokens: 0, total_tokens: 0 },
    response_id: 'scripted-response-1',
    incomplete: null,
    omitted_turns: 0,
    session_id: expect.stringMatching(UUID7),
    run_id: expect.stringMatching(UUID7),
    pending: [],
  });
  expect(reply.headers['x-run-id']).toBe(reply.json().run_id);
});

agentTest('without session_id a run makes a chat of this user, titled after what was said', async (test) => {
  const ask = await test.talkTo(agentSaying('Well met!').agent);
  const { session_id: id } = (await ask('POST', '/chat/run', { input: '  Hail,\n friend! ' })).json();
  const chat = (await ask('GET', `/chats/${id}`)).json();
  expect(chat).toMatchObject({ user_id: test.user, title: 'Hail, friend!', is_active: true });
  expect(chat.conversation.map(textOf)).toEqual(['  Hail,\n friend! ', 'Well met!']);
});

agentTest('session_id null is a run without memory: nothing is stored', async ({ talkTo }) => {
  const { agent, model } = agentSaying('one', 'two');
  const ask = await talkTo(agent);
  for (const [index, input] of ['first', 'second'].entries()) {
    const reply = await ask('POST', '/chat/run', { input, session_id: null });
    expect(reply.json()).toMatchObject({ success: true, session_id: null });
    expect(model.calls[index]?.request.input).toMatchObject([{ role: 'user', content: input }]);
  }
  expect((await ask('GET', '/chats?active_only=false')).json().total).toBe(0);
});

agentTest(
  'session_id names the chat: made for this user when missing, gone on with when there',
  async (test) => {
    const { agent, model } = agentSaying('one', 'two', 'three');
    const ask = await test.talkTo(agent);
    for (const id of [`quest of ${test.user}`, `../${test.user}?#%`, `🎲 ${test.user}`]) {
      const reply = await ask('POST', '/chat/run', { input: 'hi', session_id: id });
      expect(reply.json()).toMatchObject({ success: true, session_id: id });
      const chat = (await ask('GET', `/chats/${encodeURIComponent(id)}`)).json();
      expect([chat.chat_id, chat.user_id, chat.conversation.length]).toEqual([id, test.user, 2]);
    }
    expect(model.calls.map(({ request }) => request.input.length)).toEqual([1, 1, 1]);
  },
);

agentTest('the second run remembers the first, in whichever way either was asked for', async ({ talkTo }) => {
  const { agent, model } = agentSaying('one', 'two', 'three');
  const ask = await talkTo(agent);
  const { session_id: id } = (await ask('POST', '/chat/run', { input: 'first' })).json();
  await ask('POST', '/chat/stream', { input: 'second', session_id: id });
  await ask('POST', '/chat/run', { input: 'third', session_id: id });
  const { input } = model.lastCall?.request ?? {};
  expect(Array.isArray(input) && input.map(textOf)).toEqual(['first', 'one', 'second', 'two', 'third']);
  expect((await historyOf(ask, id)).map(textOf)).toEqual(['first', 'one', 'second', 'two', 'third', 'three']);
});

agentTest('a run goes on with a conversation that came in as plain messages', async ({ talkTo }) => {
  const { agent, model } = agentSaying('The dragon.');
  const ask = await talkTo(agent);
  const conversation = [
    { role: 'user', content: 'I fear the dragon' },
    { role: 'assistant', content: 'You should' },
  ];
  const { chat_id: id } = (await ask('POST', '/chats', { title: 'Mine', conversation })).json();
  await ask('POST', '/chat/run', { input: 'What do I fear?', session_id: id });
  expect(model.lastCall?.request.input).toMatchObject([
    { role: 'user', content: 'I fear the dragon' },
    { role: 'assistant', content: [{ type: 'output_text', text: 'You should' }] },
    { role: 'user', content: 'What do I fear?' },
  ]);
  const chat = (await ask('GET', `/chats/${id}`)).json();
  expect(chat.title).toBe('Mine');
  expect(chat.conversation.slice(0, 2)).toEqual(conversation);
});

agentTest('several agents share one chat, each behind its own prefix', async ({ talkTo }) => {
  const [bard, smith] = [agentSaying('A song.', 'An encore.'), agentSaying('A sword.')];
  const ask = await talkTo(
    { agent: bard.agent, prefix: '/agents/bard', agentName: 'The Bard' },
    { agent: smith.agent, prefix: '/agents/smith' },
  );
  const { session_id: id } = (await ask('POST', '/agents/bard/run', { input: 'Sing' })).json();
  await ask('POST', '/agents/smith/run', { input: 'Forge', session_id: id });
  await ask('POST', '/agents/bard/run', { input: 'More', session_id: id });
  const { input } = smith.model.lastCall?.request ?? {};
  expect(Array.isArray(input) && input.map(textOf)).toEqual(['Sing', 'A song.', 'Forge']);
  expect(bard.model.lastCall?.request.input).toHaveLength(5);
  expect((await ask('GET', '/agents/bard/info')).json()).toMatchObject({
    name: 'The Bard',
    endpoints: { run: '/agents/bard/run', stream: '/agents/bard/stream', info: '/agents/bard/info' },
  });
  expect((await ask('GET', '/agents/smith/info')).json()).toMatchObject({ name: 'Assistant' });
  expect((await ask('POST', '/chat/run', { input: 'x' })).statusCode).toBe(404);
});

agentTest('info tells name, instructions, model, tools and handoffs of any agent', async ({ talkTo }) => {
  const search = tool({ name: 'search', description: 'Finds', parameters: z.object({}), execute: () => '' });
  const helper = new Agent({ name: 'Helper', handoffDescription: 'Helps more' });
  const agent = new Agent({
    name: 'Guide',
    instructions: 'You guide.',
    model: 'gpt-x',
    tools: [search],
    handoffs: [helper, handoff(new Agent({ name: 'Healer' }), { toolDescriptionOverride: 'Heals' })],
  });
  const dynamic = new Agent({ name: 'Dynamic', instructions: () => 'made up later' });
  const ask = await talkTo(agent, { agent: dynamic, prefix: '/dynamic' });
  expect((await ask('GET', '/chat/info')).json()).toStrictEqual({
    name: 'Guide',
    instructions: 'You guide.',
    model: { name: 'gpt-x', offline: false },
    accepts: { images: true, files: true },
    tools: [{ name: 'search', description: 'Finds' }],
    handoffs: [
      { name: 'Helper', description: 'Helps more' },
      { name: 'Healer', description: 'Heals' },
    ],
    endpoints: { run: '/chat/run', stream: '/chat/stream', info: '/chat/info' },
    session: { enabled: true, storage: 'postgresql' },
  });
  expect((await ask('GET', '/dynamic/info')).json()).toMatchObject({
    instructions: null,
    tools: [],
    handoffs: [],
  });
});

agentTest(
  'tools get who asks, the chat, the run, and what the client sent as context',
  async ({ talkTo, user }) => {
    const seen: (ChatContext | undefined)[] = [];
    const look = tool({
      name: 'look',
      description: 'Looks',
      parameters: z.object({}),
      execute: (_input, run?: RunContext<ChatContext>) => {
        seen.push(run?.context);
        return 'ok';
      },
    });
    const model = new ScriptedModel(
      [1, 2].flatMap((n) => [[functionCall('look', {}, { callId: `c${n}` })], [assistantMessage('done')]]),
    );
    const ask = await talkTo(new Agent({ name: 'Scout', model, tools: [look] }));
    const context = '{"locale":"de","__proto__":{"userId":"admin"},"userId":"admin"}';
    const first = (await ask('POST', '/chat/run', `{"input":"look","context":${context}}`)).json();
    const second = (await ask('POST', '/chat/run', { input: 'look', session_id: null })).json();
    expect(seen).toEqual([
      { userId: user, chatId: first.session_id, runId: first.run_id, request: JSON.parse(context) },
      { userId: user, chatId: null, runId: second.run_id, request: {} },
    ]);
  },
);

agentTest('an output type is the final output as it is, not as text', async ({ talkTo }) => {
  const model = new ScriptedModel([[assistantMessage('{"hp":7,"tags":[]}')]]);
  const outputType = z.object({ hp: z.number(), tags: z.array(z.string()) });
  const ask = await talkTo(new Agent({ name: 'Sheet', model, outputType }));
  const { final_output: output } = (await ask('POST', '/chat/run', { input: 'sheet' })).json();
  expect(output).toEqual({ hp: 7, tags: [] });
});

agentTest('the message of the user is stored before the model is called', async ({ db, talkTo, user }) => {
  const seen: string[][] = [];
  const reader = asUser(await serverOn(db), user);
  const look = modelResponder(async () => {
    const { chats } = (await reader('GET', '/chats?include=conversation')).json();
    seen.push(chats[0].conversation.map(kindOf));
    return [assistantMessage('Well met!')];
  });
  const ask = await talkTo(new Agent({ name: 'Assistant', model: new ScriptedModel([look, look]) }));
  const id = newUser();
  await ask('POST', '/chat/run', { input: 'one', session_id: id });
  await ask('POST', '/chat/stream', { input: 'two', session_id: id });
  expect(seen).toEqual([['user'], ['user', 'assistant', 'user']]);
  expect(await kindsOf(ask, id)).toEqual(['user', 'assistant', 'user', 'assistant']);
});

agentTest(
  'of runs at the same time on one chat the refused ones say which one is active',
  async ({ talkTo }) => {
    const { agent } = agentSaying(...Array.from({ length: 8 }, (_, index) => `answer ${index}`));
    const ask = await talkTo(agent);
    const id = newUser();
    const inputs = Array.from({ length: 8 }, (_, index) => `question ${index}`);
    const replies = await Promise.all(
      inputs.map((input) => ask('POST', '/chat/run', { input, session_id: id })),
    );
    const done = replies.filter(({ statusCode }) => statusCode === 200);
    expect(done.length).toBeGreaterThanOrEqual(1);
    for (const refused of replies.filter((reply) => !done.includes(reply))) {
      expect(refused.json()).toMatchObject({ status: 409, code: 'chat_busy', run_id: expect.any(String) });
    }
    const texts = (await historyOf(ask, id)).map(textOf).sort();
    const asked = inputs.filter((_, index) => done.includes(replies[index] as (typeof replies)[0]));
    expect(texts).toEqual([...asked, ...done.map((reply) => reply.json().final_output)].sort());
  },
);
