import type { AgentInputItem } from '@openai/agents-core';
import { dataOf, hostedTypeOf } from '../../session/calls.ts';
import { pick } from './messages.ts';
import type { Part } from './parts.ts';

interface Known {
  /** The fields that the API takes: it refuses what it does not know. */
  readonly fields: readonly string[];
  /** What the SDK's converter reads; any other status becomes `completed`. */
  readonly statuses?: readonly string[];
  readonly has: (data: Part) => boolean;
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isTyped = (value: unknown) =>
  typeof value === 'object' && value !== null && isText((value as Part).type);

const KNOWN: Readonly<Record<string, Known>> = {
  web_search_call: {
    fields: ['action'],
    statuses: ['in_progress', 'completed', 'searching', 'failed'],
    has: ({ action }) => isTyped(action),
  },
  file_search_call: {
    fields: ['queries', 'results'],
    statuses: ['in_progress', 'completed', 'searching', 'failed', 'incomplete'],
    has: ({ queries = [] }) => Array.isArray(queries),
  },
  code_interpreter_call: {
    fields: ['code', 'outputs', 'results', 'container_id'],
    statuses: ['in_progress', 'completed', 'interpreting'],
    has: ({ container_id: container }) => isText(container),
  },
  image_generation_call: {
    fields: ['result', 'action', 'background', 'output_format', 'quality', 'revised_prompt', 'size'],
    statuses: ['in_progress', 'completed', 'generating', 'failed'],
    has: () => true,
  },
  mcp_list_tools: {
    fields: ['server_label', 'tools', 'error'],
    has: ({ tools, server_label: server }) => Array.isArray(tools) && isText(server),
  },
  mcp_call: {
    fields: ['name', 'arguments', 'server_label', 'approval_request_id', 'error', 'output', 'status'],
    has: hasCall,
  },
  mcp_approval_request: { fields: ['name', 'arguments', 'server_label'], has: hasCall },
  mcp_approval_response: {
    fields: ['approve', 'approval_request_id', 'reason'],
    has: ({ approve, approval_request_id: request }) => typeof approve === 'boolean' && isText(request),
  },
};

/** A hosted tool's call as the Responses API takes it; undefined for one that lacks what the API asks for. */
export function fitHosted(item: AgentInputItem): AgentInputItem[] | undefined {
  const fields = item as unknown as Part;
  const given = dataOf(fields);
  const type = hostedTypeOf(item);
  const known = Object.hasOwn(KNOWN, type) ? KNOWN[type] : undefined;
  const id = isText(fields.id) ? fields.id : given.id;
  const isResponse = type === 'mcp_approval_response';
  if (known === undefined || !known.has(given) || !(isText(id) || isResponse)) return undefined;
  const status = isKnownStatus(fields.status, known) ? fields.status : 'completed';
  const fitted = {
    ...fields,
    ...(isResponse ? {} : { id }),
    ...(known.statuses === undefined ? {} : { status }),
    providerData: { type, ...(isResponse ? {} : { id }), ...pick(given, ...known.fields) },
  };
  return [fitted as unknown as AgentInputItem];
}

function isKnownStatus(status: unknown, { statuses }: Known): boolean {
  // To the converter, one that is missing is `failed`.
  return statuses === undefined || statuses.includes(String(status ?? 'failed'));
}

function hasCall({ name, arguments: args, server_label: server }: Part): boolean {
  return isText(name) && typeof args === 'string' && isText(server);
}
