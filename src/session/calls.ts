import type { AgentInputItem } from '@openai/agents-core';

/** How an item takes part in a call: what a result answers is the call of its kind with its id. */
export interface CallPart {
  readonly kind: string;
  readonly role: 'call' | 'result';
  /** Empty when the provider gave none. */
  readonly id: string;
}

type Fields = Readonly<Record<string, unknown>>;

const ROLES: Readonly<Record<string, readonly [kind: string, role: CallPart['role']]>> = {
  function_call: ['function', 'call'],
  function_call_result: ['function', 'result'],
  computer_call: ['computer', 'call'],
  computer_call_result: ['computer', 'result'],
  shell_call: ['shell', 'call'],
  shell_call_output: ['shell', 'result'],
  apply_patch_call: ['apply_patch', 'call'],
  apply_patch_call_output: ['apply_patch', 'result'],
  program: ['program', 'call'],
  program_output: ['program', 'result'],
  tool_search_call: ['tool_search', 'call'],
  tool_search_output: ['tool_search', 'result'],
};

/** The part that an item has in a call; undefined for one that stands alone, as hosted tools' calls do. */
export function toCallPart(item: AgentInputItem): CallPart | undefined {
  const type = String(item.type);
  const fields = item as unknown as Fields;
  const known = Object.hasOwn(ROLES, type) ? ROLES[type] : undefined;
  if (known !== undefined) {
    const [kind, role] = known;
    if (kind !== 'tool_search') return { kind, role, id: text(fields.callId) };
    const execution = fields.execution ?? dataOf(fields).execution;
    // A search of the provider's own holds its result beside it.
    return execution === 'client' ? { kind, role, id: searchIdOf(fields) } : undefined;
  }
  if (type === 'hosted_tool_call') return toApprovalPart(fields);
  return type === 'unknown' ? toUnknownPart(dataOf(fields)) : undefined;
}

export function isCall(item: AgentInputItem): boolean {
  return toCallPart(item)?.role === 'call';
}

export function isResult(item: AgentInputItem): boolean {
  return toCallPart(item)?.role === 'result';
}

/** The same item with another id of its call. */
export function withCallId(item: AgentInputItem, id: string): AgentInputItem {
  const { kind, role } = toCallPart(item) ?? {};
  const fields = item as unknown as Fields;
  if (kind === 'mcp_approval') {
    const field = role === 'call' ? 'id' : 'approval_request_id';
    return asItem({
      ...fields,
      ...(role === 'call' ? { id } : {}),
      providerData: { ...dataOf(fields), [field]: id },
    });
  }
  if (item.type === 'unknown') return asItem({ ...fields, providerData: { ...dataOf(fields), call_id: id } });
  if (kind !== 'tool_search') return asItem({ ...fields, callId: id });
  const { call_id: _, ...rest } = fields;
  const { call_id: __, callId: ___, ...data } = dataOf(fields);
  return asItem({
    ...rest,
    callId: id,
    ...(fields.providerData === undefined ? {} : { providerData: data }),
  });
}

/** Ids of which no two are the same. */
export class UniqueIds {
  readonly #taken = new Set<string>();
  readonly #next = new Map<string, number>();

  add(id: string): void {
    this.#taken.add(id);
  }

  /** The id, or the first like it that is not taken; of at most 64 characters, the most that OpenAI takes. */
  take(id: string): string {
    const unique = id !== '' && id.length <= 64 && !this.#taken.has(id) ? id : this.#make(id);
    this.#taken.add(unique);
    return unique;
  }

  #make(id: string): string {
    const base = (id === '' ? 'call' : id).slice(0, 56);
    let number = this.#next.get(base) ?? 1;
    while (this.#taken.has(`${base}_${number}`)) number += 1;
    this.#next.set(base, number + 1);
    return `${base}_${number}`;
  }
}

const HOSTED =
  /^(web_search|file_search|code_interpreter|image_generation|mcp)_(call|list_tools|approval_\w+)$/;

/** The name under which the provider knows a hosted tool's call: `web_search_call`, `mcp_call` …; else empty. */
export function hostedTypeOf(item: AgentInputItem): string {
  const fields = item as unknown as Fields;
  const names = [text(dataOf(fields).type), text(fields.name)];
  // Earlier versions of the SDK call the calls as their tools.
  return names.flatMap((name) => [name, `${name}_call`]).find((name) => HOSTED.test(name)) ?? '';
}

/** What the provider said beside the fields that the SDK knows. */
export function dataOf(item: Fields): Fields {
  const { providerData: data } = item;
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Fields) : {};
}

/** A request for an approval is answered by its id, not by a call's. */
function toApprovalPart(item: Fields): CallPart | undefined {
  const type = hostedTypeOf(asItem(item));
  const data = dataOf(item);
  if (type === 'mcp_approval_request') {
    return { kind: 'mcp_approval', role: 'call', id: text(data.id) || text(item.id) };
  }
  if (type !== 'mcp_approval_response') return undefined;
  return { kind: 'mcp_approval', role: 'result', id: text(data.approval_request_id) };
}

/** Calls that the SDK does not know come as they are: `custom_tool_call`, `local_shell_call`, and their outputs. */
function toUnknownPart(data: Fields): CallPart | undefined {
  const [, kind, isOutput] = /^(\w+_call)(_output)?$/.exec(text(data.type)) ?? [];
  if (kind === undefined || !('call_id' in data)) return undefined;
  return { kind, role: isOutput === undefined ? 'call' : 'result', id: text(data.call_id) };
}

function searchIdOf(item: Fields): string {
  const data = dataOf(item);
  return text(data.call_id) || text(data.callId) || text(item.call_id) || text(item.callId);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asItem(fields: Fields): AgentInputItem {
  return fields as unknown as AgentInputItem;
}
