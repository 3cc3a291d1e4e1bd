import { Agent } from '@openai/agents-core';
import { ScriptedModel } from '@openai/agents-core/testing';
import { expect } from 'vitest';
import { agentTest } from '../support/app.ts';
import { newUser } from '../support/databases.ts';

agentTest('an item that no model can read is refused before anything is stored', async ({ talkTo }) => {
  const ask = await talkTo(new Agent({ name: 'A', model: new ScriptedModel([]) }));
  const good = { role: 'user', content: 'good' };
  const bad = [
    { role: 'nobody' },
    { type: 'function_call' },
    { role: 'user' },
    { role: 'assistant', content: 5 },
  ];
  const input = [good, ...bad, good];
  const reply = await ask('POST', '/chat/run', { input, session_id: newUser() });
  expect([reply.statusCode, reply.json()]).toMatchObject([
    400,
    { code: 'invalid_request', errors: [1, 2, 3, 4].map((index) => ({ field: `input[${index}]` })) },
  ]);
  const endless = '{"input":[{"role":"user","content":"x","providerData":{"x":1e400}}]}';
  const unstorable = await ask('POST', '/chat/run', endless);
  expect([unstorable.statusCode, unstorable.json().code]).toEqual([400, 'invalid_item']);
  for (const id of ['\0', 'é'.repeat(200), '\ud800', '']) {
    const refused = await ask('POST', '/chat/run', { input: 'x', session_id: id });
    expect([refused.statusCode, refused.json().errors]).toMatchObject([400, [{ field: 'session_id' }]]);
  }
  expect((await ask('GET', '/chats?active_only=false')).json().total).toBe(0);
});
