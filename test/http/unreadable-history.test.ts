import { Agent } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { appOn, runsOn, strictModel } from '../support/runs.ts';

/** What no model can be given: stored as it came, shown, and left out of every run. */
const UNREADABLE = [
  { role: 'user' },
  { foo: 1 },
  {},
  { type: 'message' },
  { role: 'user', content: 5 },
  { role: 'user', content: [{ type: 'input_text', text: 't' }, { type: 'bogus' }] },
  { type: 'function_call', name: 'lost' },
];

describe.each(DATABASES)('a history that holds what no model can read ($name)', ({ open }) => {
  test('is kept as it is, and the next run works with the rest', async () => {
    const db = await open();
    const { api, model } = await strictModel(() => ({ text: 'Fine.' }));
    const { ask } = await appOn(runsOn(db), db, new Agent({ name: 'A', model }));
    const said = [
      { role: 'user', content: 'readable' },
      { role: 'assistant', content: 'as text' },
    ];
    const conversation = [...UNREADABLE, ...said];
    const { chat_id: id } = (await ask('POST', '/chats', { conversation })).json();
    const reply = await ask('POST', '/chat/run', { input: 'go', session_id: id });
    expect(reply.json()).toMatchObject({ success: true, final_output: 'Fine.' });
    expect(api.refusals).toEqual([]);
    const asked = JSON.stringify(api.asked.at(-1));
    for (const text of ['readable', 'as text', 'go']) expect(asked).toContain(text);
    const stored = (await ask('GET', `/chats/${id}`)).json().conversation;
    expect(stored.slice(0, conversation.length)).toEqual(conversation);
  });
});
