import fc from 'fast-check';
import { apiPart, inputFile, inputImage, inputText } from './random-messages.ts';
import {
  caller,
  callId,
  fileSource,
  idOf,
  imageSource,
  literal,
  maybe,
  noted,
  one,
  PIXEL,
  record,
  status,
  text,
  toolName,
} from './random-values.ts';

export const functionCall = noted({
  type: literal('function_call'),
  id: idOf('fc'),
  callId,
  name: toolName,
  namespace: fc.option(one('dice', ''), { nil: undefined, freq: 1 }),
  arguments: one('{}', '', '{"a":'),
  status: maybe(status),
  caller,
});
export const functionResult = noted({
  type: literal('function_call_result'),
  id: idOf('fco'),
  callId,
  name: toolName,
  status,
  caller,
  output: fc.oneof(
    text,
    record({ type: literal('text'), text }),
    record({
      type: literal('image'),
      image: fc.oneof(imageSource, one({ url: PIXEL }, { data: 'aGk=' }, { fileId: 'file_1' })),
    }),
    record({
      type: literal('file'),
      file: fc.oneof(fileSource, one({ data: 'aGk=', mediaType: 'application/pdf', filename: 'a.pdf' })),
    }),
    fc.array(fc.oneof(inputText, inputImage, inputFile, apiPart.filter(isInput)), { maxLength: 2 }),
  ),
});

/** The schema of a tool's output takes no other parts. */
function isInput(part: object): boolean {
  return 'type' in part && (part.type === 'input_image' || part.type === 'input_file');
}

export const toolItems = [
  noted({
    type: literal('computer_call'),
    id: idOf('cu'),
    callId,
    status,
    action: one({ type: 'screenshot' }),
    actions: maybe(one([{ type: 'wait' }])),
  }),
  noted({
    type: literal('computer_call_result'),
    id: idOf('cuo'),
    callId,
    output: record({
      type: literal('computer_screenshot'),
      data: one(PIXEL, 'https://example.com/a.png', '', 'aGk='),
    }),
  }),
  noted({
    type: literal('shell_call'),
    id: idOf('sh'),
    callId,
    status: maybe(status),
    action: one({ commands: ['ls'] }, { commands: [], timeoutMs: 1 }),
    caller,
  }),
  noted({
    type: literal('shell_call_output'),
    id: idOf('sho'),
    callId,
    output: one(
      [],
      [{ stdout: '', stderr: '', outcome: { type: 'timeout' } }],
      [{ stdout: '', stderr: '', outcome: { type: 'exit', exitCode: null } }],
    ),
    caller,
  }),
  noted({
    type: literal('apply_patch_call'),
    id: idOf('apc'),
    callId,
    status: one('completed', 'in_progress'),
    operation: one(
      { type: 'delete_file', path: 'a' },
      { type: 'update_file', path: 'a', diff: '', moveTo: 'b' },
    ),
    caller,
  }),
  noted({
    type: literal('apply_patch_call_output'),
    id: idOf('apo'),
    callId,
    status: one('completed', 'failed'),
    output: maybe(text),
    caller,
  }),
  noted({
    type: literal('tool_search_call'),
    id: idOf('tsc'),
    call_id: maybe(callId),
    execution: maybe(one('client', 'server')),
    arguments: one({ paths: [] }, null, undefined),
    status: maybe(status),
  }),
  noted({
    type: literal('tool_search_output'),
    id: idOf('tso'),
    callId: maybe(callId),
    execution: maybe(one('client', 'server')),
    tools: one([], [{ type: 'tool_reference', functionName: 'roll' }]),
    status: maybe(status),
  }),
  noted({
    type: literal('program'),
    id: idOf('prg'),
    callId: fc.oneof(callId, one('prog_1')),
    code: text,
    fingerprint: text,
  }),
  noted({
    type: literal('program_output'),
    id: idOf('pro'),
    callId: fc.oneof(callId, one('prog_1')),
    output: text,
    status: one('completed', 'incomplete'),
  }),
  record({ type: literal('compaction'), id: idOf('cmp'), encrypted_content: text, created_by: maybe(text) }),
];

const mcp = { name: 'roll', arguments: '{}', server_label: 'dice' };
const approvalId = one('mcpr_1', 'mcpr_2', 'mcpr_3');
/** What the SDK keeps of each tool that the provider runs, as it came. */
export const HOSTED: Readonly<Record<string, object>> = {
  web_search_call: { action: { type: 'search', query: 'dice' } },
  file_search_call: { queries: ['dice'] },
  code_interpreter_call: { code: '1', container_id: 'cntr_1', outputs: [] },
  image_generation_call: { output_format: 'png' },
  mcp_list_tools: { server_label: 'dice', tools: [] },
  mcp_call: mcp,
  mcp_approval_request: mcp,
};
const hostedData = one(...Object.entries(HOSTED)).chain(([type, data]) =>
  fc.record({
    name: one(type, type, type, 'magic_call', 'file_search_call'),
    id: type === 'mcp_approval_request' ? fc.oneof(approvalId, idOf('mcpr')) : idOf(type),
    status: one('completed', 'completed', 'in_progress', 'failed', 'incomplete', 'weird', undefined),
    output: maybe(text),
    caller,
    providerData: one(
      { type, ...data },
      { type, ...data },
      { type, ...data },
      { type },
      { type: type.replace(/_call$/, ''), ...data },
      data,
      {},
      undefined,
    ),
  }),
);
export const hostedCall = hostedData.map(
  (data) => JSON.parse(JSON.stringify({ type: 'hosted_tool_call', ...data })) as object,
);
export const approvalResponse = record({
  type: literal('hosted_tool_call'),
  name: literal('mcp_approval_response'),
  id: idOf('mcpa'),
  status: maybe(literal('completed')),
  providerData: record({
    type: literal('mcp_approval_response'),
    approve: one(true, false, undefined),
    approval_request_id: approvalId,
    reason: maybe(text),
  }),
});
export const unknownItem = record({
  type: literal('unknown'),
  id: idOf('unk'),
  providerData: fc.oneof(
    one({ type: 'magic_call' }, {}, undefined, { type: 'item_reference', id: 'msg_1' }),
    record({
      type: literal('custom_tool_call'),
      id: idOf('ctc'),
      call_id: callId,
      name: toolName,
      input: text,
    }),
    record({ type: literal('custom_tool_call_output'), call_id: callId, output: text }),
    record({
      type: literal('local_shell_call'),
      id: idOf('lsh'),
      call_id: callId,
      status,
      action: one({ type: 'exec', command: ['ls'], env: {} }),
    }),
    record({ type: literal('local_shell_call_output'), id: callId, output: text }),
  ),
});
