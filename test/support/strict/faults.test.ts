import { describe, expect, test } from 'vitest';
import { chatFaultOf } from './chat-faults.ts';
import { GOOD } from './good-histories.ts';
import { faultOfItems } from './request-of.ts';
import { type ApiItem, faultOf } from './responses-faults.ts';

const said = { role: 'assistant', content: [{ type: 'output_text', text: 'a' }] };
const asks = (...content: unknown[]) => ({ role: 'user', content });
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'ok' });
const thought = { type: 'reasoning', id: 'rs_1', summary: [] };
const request = { type: 'mcp_approval_request', id: 'mcpr_1', name: 'f', arguments: '{}', server_label: 's' };
const patch = {
  type: 'apply_patch_call',
  call_id: 'a',
  status: 'completed',
  operation: { type: 'delete_file', path: 'a' },
};
const search = { type: 'tool_search_call', execution: 'client', call_id: 'a', arguments: {} };

const BAD: Readonly<Record<string, readonly [expected: string, ...input: object[]]>> = {
  'nothing at all': ['empty array'],
  'a function call without its output': ['No tool output found for function_call a', call('a')],
  'a computer call without its output': [
    'No tool output found for computer_call a',
    { type: 'computer_call', id: 'cu_1', call_id: 'a', status: 'completed', action: { type: 'wait' } },
  ],
  'a shell call without its output': [
    'No tool output found for shell_call a',
    { type: 'shell_call', call_id: 'a', action: { commands: [] } },
  ],
  'a local shell call without its output': [
    'No tool output found for local_shell_call a',
    {
      type: 'local_shell_call',
      id: 'lsh_1',
      call_id: 'a',
      status: 'completed',
      action: { type: 'exec', command: [] },
    },
  ],
  'a patch without its output': ['No tool output found for apply_patch_call a', patch],
  'a custom call without its output': [
    'No tool output found for custom_tool_call a',
    { type: 'custom_tool_call', call_id: 'a', name: 'f', input: '' },
  ],
  "a client's tool search without its output": ['No tool output found for tool_search_call a', search],
  'a program without its output': [
    'No tool output found for program a',
    { type: 'program', id: 'prg_1', call_id: 'a', code: '', fingerprint: '' },
  ],
  'an output without its call': ['No tool call found for function_call_output', output('a'), said],
  'an output before its call': ['No tool call found', output('a'), call('a')],
  'a second output': ['No tool call found', call('a'), output('a'), output('a')],
  'an output of another kind': ['but a apply_patch_call', patch, output('a')],
  'a call id twice': ['Duplicate function_call', call('a'), output('a'), call('a'), output('a')],
  'an empty call id': ["Invalid 'input[0]': call_id", call(''), output('')],
  'a call id that is too long': ["Invalid 'input[0]': call_id", call('a'.repeat(65))],
  'an item id twice': ['Duplicate item', { ...said, id: 'msg_1' }, { ...said, id: 'msg_1' }],
  'an item id that is too long': ["Invalid 'input[0]': id", { ...said, id: `msg_${'a'.repeat(61)}` }],
  "an id that is no message's": ["must begin with 'msg'", { ...said, id: 'chatcmpl-1' }],
  "an id that is no call's": ["must begin with 'fc'", { ...call('a'), id: 'chatcmpl-1' }, output('a')],
  'reasoning at the end': ['required following item', asks(), thought],
  'reasoning before a message of the user': ['required following item', thought, asks()],
  'reasoning before an output': ['required following item', call('a'), thought, output('a')],
  'reasoning without a summary': ["Invalid 'input[0]': summary", { ...thought, summary: undefined }, said],
  'an approval that nobody gave': ['No tool output found for mcp_approval_request', request],
  'an approval that nobody asked for': [
    'No tool call found for mcp_approval_response',
    { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
  ],
  'a picture without data': ['needs image_url or file_id', asks({ type: 'input_image', detail: 'auto' })],
  'a picture with a path': ['content', asks({ type: 'input_image', image_url: '/tmp/a.png' })],
  'a picture that is none': [
    'content',
    asks({ type: 'input_image', image_url: 'data:text/plain;base64,YQ==' }),
  ],
  'a file without data': ['needs file_data', asks({ type: 'input_file', filename: 'a.pdf' })],
  'sound of the user': ['content', asks({ type: 'input_audio', input_audio: { data: 'a', format: 'wav' } })],
  'a part that does not exist': ['content', asks({ type: 'text', text: 'a' })],
  "an assistant's input": ['content', { role: 'assistant', content: [{ type: 'input_text', text: 'a' }] }],
  'a role that does not exist': ["Invalid 'input[0]': role", { role: 'tool', content: 'a' }],
  'an item that does not exist': ["type 'magic_call' is not supported", { type: 'magic_call', id: 'a' }],
  'a field that does not exist': ['Unrecognized key', { ...call('a'), index: 0 }, output('a')],
  'a field that is missing': ["Invalid 'input[0]': arguments", { ...call('a'), arguments: undefined }],
  'a name with a dot': ["Invalid 'input[0]': name", { ...call('a'), name: 'a.b' }],
  'a web search without id': [
    "Invalid 'input[0]': id",
    { type: 'web_search_call', status: 'completed', action: { type: 'search' } },
  ],
  'a call of a program that is not there': [
    'No program found',
    { ...call('a'), caller: { type: 'program', caller_id: 'p' } },
    output('a'),
  ],
};

const chatCall = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const tool = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' });
const named = (name?: string) => ({
  role: 'assistant',
  tool_calls: [{ id: 'a', type: 'function', function: { name, arguments: '{}' } }],
});
const sound = (format?: string) => asks({ type: 'input_audio', input_audio: { data: 'a', format } });

const BAD_CHAT: typeof BAD = {
  'nothing at all': ['empty array'],
  'calls without all their outputs': ['none for b', chatCall('a', 'b'), tool('a')],
  'another message before the output': [
    'none for a',
    chatCall('a'),
    asks({ type: 'text', text: 'x' }),
    tool('a'),
  ],
  'an output without its call': [
    "must follow a message with 'tool_calls'",
    asks({ type: 'text', text: 'x' }),
    tool('a'),
  ],
  'an output twice': ["must follow a message with 'tool_calls'", chatCall('a'), tool('a'), tool('a')],
  'an id twice in one answer': ['Duplicate tool_call id a', chatCall('a', 'a'), tool('a'), tool('a')],
  'an empty id': ['tool_calls.0.id', chatCall(''), tool('')],
  'an assistant that says nothing': ['needs content or tool_calls', { role: 'assistant', content: null }],
  'an assistant without parts': ['content', { role: 'assistant', content: [] }],
  "an assistant's picture": ['content', { role: 'assistant', content: [{ type: 'image', image: 'a' }] }],
  'an empty audio id': ['audio.id', { role: 'assistant', content: 'a', audio: { id: '' } }],
  'a user without parts': ['content', asks()],
  'a part that does not exist': ['content', asks({ type: 'input_text', text: 'x' })],
  'a file by URL': ['needs file_id or file_data', asks({ type: 'file', file: { url: 'https://a.example' } })],
  'a picture by file id': ['image_url', asks({ type: 'image_url', image_url: { file_id: 'file_1' } })],
  'a picture with a path': ['image_url', asks({ type: 'image_url', image_url: { url: '/tmp/a.png' } })],
  'sound without format': ['format', sound()],
  'sound of another format': ['format', sound('ogg')],
  'a call without name': ['function.name', named()],
  'a name with a dot': ['function.name', named('a.b')],
  'a name that is too long': ['function.name', named('a'.repeat(65))],
  'a role that does not exist': ['role', { role: 'wizard', content: 'a' }],
  'a message without role': ['role', { type: 'custom_tool_call' }],
};

describe.each(['responses', 'chat_completions'] as const)('the stand-in for %s', (api) => {
  test.each(Object.entries(GOOD[api]))('takes %s', async (_what, items) => {
    expect(await faultOfItems(api, items)).toBeUndefined();
  });

  const [bad, find] = api === 'responses' ? [BAD, faultOf] : [BAD_CHAT, chatFaultOf];
  test.each(Object.entries(bad))('refuses %s', (_what, [expected, ...input]) => {
    expect(find(input as ApiItem[])).toContain(expected);
  });

  test('counts it as a fault when the SDK cannot write the request', async () => {
    const fault = await faultOfItems(api, [{ type: 'hosted_tool_call', name: 'magic' }]);
    expect(fault).toContain("The SDK's converter throws");
  });
});

test('the stand-in refuses what was made with reasoning and comes without it', () => {
  const links = new Map([['msg_1', 'rs_1']]);
  const answer = { ...said, id: 'msg_1' };
  expect(faultOf([answer], links)).toContain("without its required 'reasoning' item: 'rs_1'");
  expect(faultOf([thought, answer], links)).toBeUndefined();
  expect(faultOf([said], links)).toBeUndefined();
});
