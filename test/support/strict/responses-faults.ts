import { firstIssue } from './first-issue.ts';
import { message } from './responses-parts.ts';
import { SHAPES } from './responses-shapes.ts';

/** An item of a request: of a Responses `input`, or a message of Chat Completions. */
export interface ApiItem {
  readonly type?: string;
  readonly role?: string;
  readonly id?: string;
  readonly call_id?: string;
  readonly approval_request_id?: string;
  readonly execution?: string;
  readonly caller?: { readonly type: string; readonly caller_id?: string };
  readonly name?: string;
  readonly arguments?: string;
  readonly summary?: readonly unknown[];
  readonly output?: unknown;
  readonly status?: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

/** The id of the reasoning that an item was made with, by the item's id: the API remembers it. */
export type Links = ReadonlyMap<string, string>;

/** The kind of call that an output answers. */
const CALL_OF: Readonly<Record<string, string>> = {
  function_call_output: 'function_call',
  computer_call_output: 'computer_call',
  shell_call_output: 'shell_call',
  local_shell_call_output: 'local_shell_call',
  apply_patch_call_output: 'apply_patch_call',
  custom_tool_call_output: 'custom_tool_call',
  program_output: 'program',
  tool_search_output: 'tool_search_call',
  mcp_approval_response: 'mcp_approval_request',
};
const CALLS: ReadonlySet<string> = new Set(Object.values(CALL_OF));
const HOSTED: ReadonlySet<string> = new Set([
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'tool_search_output',
]);

/** What the real API refuses first in the `input` of a Responses request; undefined when it takes it. */
export function faultOf(input: readonly ApiItem[], links: Links = new Map()): string | undefined {
  if (input.length === 0) return "Invalid 'input': empty array.";
  for (const [index, item] of input.entries()) {
    const fault = shapeFaultOf(item);
    if (fault !== undefined) return `Invalid 'input[${index}]': ${fault}`;
  }
  return idFaultOf(input, links) ?? reasoningFaultOf(input) ?? pairFaultOf(input);
}

function shapeFaultOf(item: ApiItem): string | undefined {
  const isMessage = item.type === undefined || item.type === 'message';
  const shape = isMessage ? message : SHAPES.get(item.type);
  return shape === undefined ? `type '${item.type}' is not supported` : firstIssue(shape, item);
}

function idFaultOf(input: readonly ApiItem[], links: Links): string | undefined {
  const seen = new Set<string>();
  for (const { id, type } of input) {
    // The id of this one is that of its call.
    if (typeof id !== 'string' || type === 'local_shell_call_output') continue;
    if (seen.has(id)) return `Duplicate item found with id ${id}.`;
    seen.add(id);
    const thought = links.get(id);
    if (thought !== undefined && !seen.has(thought)) {
      return `Item '${id}' was provided without its required 'reasoning' item: '${thought}'.`;
    }
  }
  return undefined;
}

function reasoningFaultOf(input: readonly ApiItem[]): string | undefined {
  const lone = input.find((item, index) => {
    if (item.type !== 'reasoning') return false;
    const next = input.slice(index + 1).find(({ type }) => type !== 'reasoning');
    return next === undefined || !isMadeByModel(next);
  });
  return lone && `Item '${lone.id}' of type 'reasoning' was provided without its required following item.`;
}

function isMadeByModel({ type = 'message', role }: ApiItem): boolean {
  return role === 'assistant' || CALLS.has(type) || HOSTED.has(type);
}

function pairFaultOf(input: readonly ApiItem[]): string | undefined {
  const open = new Map<string, string>();
  const seen = new Set<string>();
  for (const item of input) {
    const type = item.type ?? 'message';
    const { caller } = item;
    if (caller?.type === 'program' && !seen.has(caller.caller_id ?? '')) {
      return `No program found for caller_id ${caller.caller_id}.`;
    }
    const key = keyOf(item);
    if (key === undefined) continue;
    if (key === '') return `${type} has no call_id.`;
    if (CALLS.has(type)) {
      if (seen.has(key)) return `Duplicate ${type} with call_id ${key}.`;
      seen.add(key);
      open.set(key, type);
    } else {
      const call = open.get(key);
      if (call !== CALL_OF[type]) {
        return `No tool call found for ${type} with call_id ${key}${call === undefined ? '' : ` but a ${call}`}.`;
      }
      open.delete(key);
    }
  }
  const [left] = open;
  return left && `No tool output found for ${left[1]} ${left[0]}.`;
}

/** What a call and its output share; undefined for what needs no other half. */
function keyOf(item: ApiItem): string | undefined {
  const { type = 'message' } = item;
  if (type === 'mcp_approval_request') return `approval ${item.id}`;
  if (type === 'mcp_approval_response') return `approval ${item.approval_request_id}`;
  if (type === 'local_shell_call_output') return item.call_id ?? item.id ?? '';
  if (type.startsWith('tool_search') && item.execution !== 'client') return undefined;
  return CALLS.has(type) || type in CALL_OF ? (item.call_id ?? '') : undefined;
}
