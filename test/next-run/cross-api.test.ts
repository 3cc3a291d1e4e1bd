import { Agent, type AgentInputItem } from '@openai/agents-core';
import { describe, expect, test } from 'vitest';
import { DATABASES } from '../support/databases.ts';
import { strictModel } from '../support/runs.ts';
import { lastAsked, talkTo } from './stage.ts';

const hosted = (type: string, data: object, more: object = {}) => ({
  type: 'hosted_tool_call',
  id: `${type}_1`,
  name: type,
  status: 'completed',
  providerData: { type, ...data },
  ...more,
});

/** What the Responses API makes, and what of it has a text for a model of another API. */
const MADE: readonly (readonly [item: object, text: string | undefined])[] = [
  [hosted('web_search_call', { action: { type: 'search', query: 'dragons of old' } }), 'dragons of old'],
  [hosted('file_search_call', { queries: ['dwarves'], results: [{ text: 'deep halls' }] }), 'deep halls'],
  [
    hosted('code_interpreter_call', {
      code: 'print(6 * 7)',
      container_id: 'c',
      outputs: [{ type: 'logs', logs: 'forty-two' }],
    }),
    'forty-two',
  ],
  [
    hosted(
      'mcp_call',
      { name: 'map', arguments: '{"of":"Moria"}', server_label: 'maps' },
      { output: 'a long way down' },
    ),
    'a long way down',
  ],
  [hosted('image_generation_call', { result: 'iVBORw0KGgo=' }), undefined],
  [{ type: 'compaction', id: 'cmp_1', encrypted_content: 'c2VjcmV0' }, undefined],
  [{ type: 'tool_search_call', id: 'tsc_1', execution: 'server', arguments: { query: 'swords' } }, undefined],
  [{ type: 'tool_search_output', id: 'tso_1', execution: 'server', tools: [] }, undefined],
  [
    { type: 'reasoning', id: 'rs_1', content: [], providerData: { encrypted_content: 'c2VjcmV0' } },
    undefined,
  ],
  [
    { type: 'shell_call', callId: 's', status: 'completed', action: { commands: ['ls /crypt'] } },
    'ls /crypt',
  ],
  [
    {
      type: 'shell_call_output',
      callId: 's',
      output: [{ stdout: 'bones', stderr: '', outcome: { type: 'exit', exitCode: 0 } }],
    },
    'bones',
  ],
  [
    {
      type: 'apply_patch_call',
      callId: 'p',
      status: 'completed',
      operation: { type: 'delete_file', path: 'old.map' },
    },
    'old.map',
  ],
  [{ type: 'apply_patch_call_output', callId: 'p', status: 'completed', output: 'torn up' }, 'torn up'],
  [
    {
      type: 'computer_call',
      id: 'cu_1',
      callId: 'k',
      status: 'completed',
      action: { type: 'click', x: 7, y: 9, button: 'left' },
    },
    'click',
  ],
  [
    {
      type: 'computer_call_result',
      callId: 'k',
      output: { type: 'computer_screenshot', data: 'data:image/png;base64,iVBORw0KGgo=' },
    },
    undefined,
  ],
  [
    {
      type: 'function_call',
      callId: 'f',
      namespace: 'crm',
      name: 'find',
      arguments: '{"who":"Gimli"}',
      status: 'completed',
    },
    'Gimli',
  ],
  [
    {
      type: 'function_call_result',
      callId: 'f',
      namespace: 'crm',
      name: 'find',
      status: 'completed',
      output: 'a friend',
    },
    'a friend',
  ],
];
const conversation = [
  { role: 'user', content: 'go' },
  ...MADE.map(([item]) => item),
  {
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'There.' }],
  },
];

describe.each(DATABASES)('a chat that agents of both APIs go on with ($name)', ({ open }) => {
  test('tells a Chat Completions model in words what the tools of the Responses API did', async () => {
    const {
      ask,
      api: provider,
      say,
    } = await talkTo(await open(), () => ({ text: 'I know.' }), { api: 'chat_completions' });
    const { chat_id: session_id } = (await ask('POST', '/chats', { conversation })).json();
    const reply = await say('what happened?', { session_id });
    expect(reply.json(), reply.body).toMatchObject({ final_output: 'I know.' });
    const asked = lastAsked(provider);
    // What stands before a compaction it has taken the place of.
    const from = MADE.findIndex(([item]) => 'encrypted_content' in item);
    for (const [, text] of MADE.slice(from)) if (text !== undefined) expect(asked).toContain(text);
    expect(asked).not.toContain('c2VjcmV0');
    expect(asked).not.toContain('iVBORw0KGgo');
    expect(
      (await ask('GET', `/chats/${session_id}`)).json().conversation.slice(0, conversation.length),
    ).toEqual(conversation);
  });

  test('has all of it in words without the compaction', async () => {
    const {
      ask,
      api: provider,
      say,
    } = await talkTo(await open(), () => ({ text: 'I know.' }), { api: 'chat_completions' });
    const whole = conversation.filter((item) => !('encrypted_content' in item));
    const { chat_id: session_id } = (await ask('POST', '/chats', { conversation: whole })).json();
    expect((await say('what happened?', { session_id })).json()).toMatchObject({ final_output: 'I know.' });
    for (const [, text] of MADE) if (text !== undefined) expect(lastAsked(provider)).toContain(text);
  });

  test('goes from one to the other and back, turn by turn, whatever they made', async () => {
    let answers = 0;
    const script = () => {
      answers += 1;
      return answers % 2 === 1
        ? { reasoning: 'hm', text: 'Rolling.', calls: [{ name: 'roll', args: { sides: 6 }, id: 'roll:0' }] }
        : { reasoning: 'so', text: `Answer ${answers}.` };
    };
    const { api: responses, runs, talk, makeAgent } = await talkTo(await open(), script);
    const { api: chat, model } = await strictModel(script, { api: 'chat_completions' });
    const agents = [makeAgent(), makeAgent(model)];
    for (let turn = 0; turn < 6; turn++) {
      const result = await talk.say(agents[turn % 2] as Agent, `turn ${turn}`);
      expect(result, `turn ${turn}`).toMatchObject({ final_output: `Answer ${2 * turn + 2}.` });
    }
    expect([...responses.refusals, ...chat.refusals]).toEqual([]);
    expect(await runs.get(talk.userId, 'none').catch(({ code }) => code)).toBe('run_not_found');
    for (let turn = 0; turn < 5; turn++) expect(lastAsked(chat)).toContain(`turn ${turn}`);
  });

  test('is handed over to an agent of the other API in the middle of a run', async () => {
    const { model: chat, api } = await strictModel(() => ({ text: 'Taken over.' }), {
      api: 'chat_completions',
    });
    const other = new Agent({ name: 'Other', model: chat });
    const { model } = await strictModel(() => ({
      reasoning: 'hm',
      raw: [
        {
          type: 'web_search_call',
          id: 'ws_1',
          status: 'completed',
          action: { type: 'search', query: 'elves' },
        },
      ],
      calls: [{ name: 'transfer_to_Other', args: {} }],
    }));
    const { talk } = await talkTo(await open(), () => ({ text: '' }));
    const first = new Agent({ name: 'First', model, handoffs: [other] });
    const input: AgentInputItem[] = [{ role: 'user', content: 'go' }];
    expect(await talk.say(first, input)).toMatchObject({ final_output: 'Taken over.' });
    expect(api.refusals).toEqual([]);
    expect(lastAsked(api)).toContain('elves');
  });
});
