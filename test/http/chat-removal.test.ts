import { Agent } from '@openai/agents-core';
import { assistantMessage, modelResponder, ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { type Ask, agentTest } from '../support/app.ts';
import { newUser } from '../support/databases.ts';
import { readEvents } from '../support/sse.ts';

/** An agent whose chat is removed while its model is asked. */
function removeDuring(id: string, ask: () => Ask | undefined) {
  const remove = modelResponder(async () => {
    await ask()?.('DELETE', `/chats/${id}?permanent=true`);
    return [assistantMessage('too late')];
  });
  return new Agent({ name: 'A', model: new ScriptedModel([remove]) });
}

agentTest('a chat that is removed during a run fails that run and stays removed', async ({ talkTo }) => {
  const id = newUser();
  let ask: Ask | undefined;
  ask = await talkTo(removeDuring(id, () => ask));
  const reply = await ask('POST', '/chat/run', { input: 'hi', session_id: id });
  expect([reply.statusCode, reply.json()]).toMatchObject([404, { code: 'chat_not_found', session_id: id }]);
  expect((await ask('GET', `/chats/${id}`)).statusCode).toBe(404);
});

agentTest('the stream of a run whose chat is removed ends with an error that says so', async ({ talkTo }) => {
  const id = newUser();
  let ask: Ask | undefined;
  ask = await talkTo(removeDuring(id, () => ask));
  const reply = await ask('POST', '/chat/stream', { input: 'hi', session_id: id });
  const last = readEvents(reply.body).at(-1)?.data;
  expect(last).toMatchObject({ type: 'error', code: 'chat_not_found', status: 404, session_id: id });
  expect(last).toHaveProperty('run_id', reply.headers['x-run-id']);
});
