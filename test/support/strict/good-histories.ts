import type { AgentInputItem } from '@openai/agents-core';
import type { OpenAiApi } from './request-of.ts';

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const FILE = 'data:application/pdf;base64,JVBERi0=';

const user = (content: unknown) => ({ type: 'message', role: 'user', content }) as AgentInputItem;
const assistant = (text: string, more: object = {}): AgentInputItem => ({
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text }],
  ...more,
});
const call = (callId: string, more: object = {}): AgentInputItem => ({
  type: 'function_call',
  callId,
  name: 'pay',
  arguments: '{}',
  status: 'completed',
  ...more,
});
const result = (callId: string, output: unknown = 'ok', more: object = {}) =>
  ({
    type: 'function_call_result',
    callId,
    name: 'pay',
    status: 'completed',
    output,
    ...more,
  }) as AgentInputItem;
const reasoning = (id: string): AgentInputItem => ({
  type: 'reasoning',
  id,
  content: [{ type: 'input_text', text: 'hm' }],
});
const hosted = (id: string, providerData: { readonly type: string }): AgentInputItem => ({
  type: 'hosted_tool_call',
  id,
  name: providerData.type,
  status: 'completed',
  providerData: { id, ...providerData },
});
const turn = [
  user('hi'),
  call('call_1'),
  call('call_2'),
  result('call_2'),
  result('call_1'),
  assistant('hello'),
];
const program = { caller: { type: 'program', callerId: 'prog_1' } } as const;
const mcp = { name: 'roll', arguments: '{}', server_label: 'dice' };

/** Histories, as the SDK stores them, that an API takes as they are, by what they hold. */
export const GOOD: Readonly<Record<OpenAiApi, Readonly<Record<string, readonly AgentInputItem[]>>>> = {
  responses: {
    'calls and their results': turn,
    'reasoning with what followed it': [
      user('hi'),
      reasoning('rs_1'),
      reasoning('rs_2'),
      call('call_1', { id: 'fc_1' }),
      result('call_1'),
      reasoning('rs_3'),
      assistant('hello', { id: 'msg_3' }),
    ],
    'reasoning without an id, and a message with the placeholder of the SDK': [
      { type: 'reasoning', content: [] },
      assistant('hello', { id: 'FAKE_ID' }),
    ],
    'pictures and files': [
      user([
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image: PIXEL },
        { type: 'input_image', image: 'https://example.com/a.png', detail: 'high' },
        { type: 'input_image', image: { id: 'file_1' } },
        { type: 'input_file', file: FILE, filename: 'a.pdf' },
        { type: 'input_file', file: { url: 'https://example.com/a.pdf' } },
        { type: 'input_file', file: { id: 'file_2' } },
      ]),
      call('call_1'),
      result('call_1', { type: 'image', image: PIXEL }),
      call('call_2'),
      result('call_2', [
        { type: 'input_text', text: 'a' },
        { type: 'input_image', image: PIXEL },
      ]),
    ],
    'a refusal': [assistant('', { content: [{ type: 'refusal', refusal: 'No.' }] })],
    'calls of every kind': [
      {
        type: 'computer_call',
        id: 'cu_1',
        callId: 'call_1',
        status: 'completed',
        action: { type: 'screenshot' },
      },
      {
        type: 'computer_call_result',
        callId: 'call_1',
        output: { type: 'computer_screenshot', data: PIXEL },
      },
      { type: 'shell_call', callId: 'call_2', action: { commands: ['ls'] } },
      {
        type: 'shell_call_output',
        callId: 'call_2',
        output: [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exitCode: 0 } }],
      },
      {
        type: 'apply_patch_call',
        callId: 'call_3',
        status: 'completed',
        operation: { type: 'delete_file', path: 'a' },
      },
      { type: 'apply_patch_call_output', callId: 'call_3', status: 'completed' },
      {
        type: 'unknown',
        id: 'ctc_1',
        providerData: { type: 'custom_tool_call', call_id: 'call_4', name: 'x', input: 'y' },
      },
      { type: 'unknown', providerData: { type: 'custom_tool_call_output', call_id: 'call_4', output: 'z' } },
      {
        type: 'unknown',
        id: 'lsh_1',
        providerData: {
          type: 'local_shell_call',
          call_id: 'call_5',
          status: 'completed',
          action: { type: 'exec', command: ['ls'], env: {} },
        },
      },
      { type: 'unknown', id: 'call_5', providerData: { type: 'local_shell_call_output', output: 'a' } },
    ],
    'tools that the provider runs': [
      reasoning('rs_1'),
      hosted('ws_1', { type: 'web_search_call', ...{ action: { type: 'search', query: 'a' } } }),
      hosted('fs_1', { type: 'file_search_call', ...{ queries: ['a'] } }),
      reasoning('rs_2'),
      hosted('ci_1', { type: 'code_interpreter_call', ...{ code: '1', container_id: 'c', outputs: [] } }),
      reasoning('rs_3'),
      hosted('ig_1', { type: 'image_generation_call' }),
      hosted('mcpl_1', { type: 'mcp_list_tools', ...{ server_label: 'dice', tools: [] } }),
      reasoning('rs_4'),
      hosted('mcpr_1', { type: 'mcp_approval_request', ...mcp }),
      {
        type: 'hosted_tool_call',
        name: 'mcp_approval_response',
        providerData: { type: 'mcp_approval_response', approve: true, approval_request_id: 'mcpr_1' },
      },
      hosted('mcp_1', { type: 'mcp_call', ...mcp }),
      assistant('Done.'),
    ],
    'tool search, by the provider and by the client': [
      { type: 'tool_search_call', id: 'tsc_1', arguments: { paths: [] }, status: 'completed' },
      { type: 'tool_search_output', id: 'tso_1', tools: [], status: 'completed' },
      { type: 'tool_search_call', execution: 'client', call_id: 'call_1', arguments: {} },
      { type: 'tool_search_output', execution: 'client', call_id: 'call_1', tools: [] },
    ],
    'a program and what it called': [
      { type: 'program', id: 'prg_1', callId: 'prog_1', code: 'f()', fingerprint: 'x' },
      call('call_1', program),
      result('call_1', 'ok', program),
      { type: 'program_output', id: 'pro_1', callId: 'prog_1', output: '1', status: 'completed' },
      call('call_2', { caller: { type: 'direct' } }),
      result('call_2', 'ok', { caller: { type: 'direct' } }),
    ],
    compaction: [
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'x', created_by: 'me' },
      assistant('hello'),
    ],
  },
  chat_completions: {
    'calls and their results': turn,
    'calls with the ids of an earlier answer': [...turn, ...turn],
    'text before calls, and after them': [
      assistant('one'),
      call('a'),
      result('a'),
      call('b'),
      assistant('two'),
      result('b'),
    ],
    'reasoning before a message and before a call': [
      { type: 'reasoning', content: [], rawContent: [{ type: 'reasoning_text', text: 'hm' }] },
      assistant('one'),
      reasoning('rs_1'),
      call('a'),
      result('a'),
    ],
    'pictures, files and sound': [
      user([
        { type: 'input_text', text: 'look' },
        { type: 'input_image', image: PIXEL },
        { type: 'input_image', image: 'https://example.com/a.png' },
        { type: 'input_file', file: FILE, filename: 'a.pdf' },
        { type: 'input_file', file: { id: 'file_1' } },
        { type: 'audio', audio: 'UklGRg==', format: 'wav' },
      ]),
    ],
    'a refusal, and a result of another form': [
      assistant('', { content: [{ type: 'refusal', refusal: 'No.' }] }),
      call('a'),
      result('a', { type: 'image', image: PIXEL }),
    ],
    'a system message': [{ role: 'system', content: 'Be short.' }, user('hi')],
  },
};
