import type { AgentInputItem } from '@openai/agents-core';
import { dataOf, hostedTypeOf } from './calls.ts';
import type { Part } from './parts.ts';

type Check = (data: Part) => boolean;

interface Known {
  /** What the SDK's converter reads; any other status becomes `completed`. */
  readonly statuses?: readonly string[];
  readonly has: Check;
}

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isAction = (value: unknown) =>
  value === undefined || (typeof value === 'object' && value !== null && isText((value as Part).type));

const KNOWN: Readonly<Record<string, Known>> = {
  web_search_call: {
    statuses: ['in_progress', 'completed', 'searching', 'failed'],
    has: ({ action }) => isAction(action),
  },
  file_search_call: {
    statuses: ['in_progress', 'completed', 'searching', 'failed', 'incomplete'],
    has: ({ queries }) => Array.isArray(queries),
  },
  code_interpreter_call: {
    statuses: ['in_progress', 'completed', 'interpreting'],
    has: ({ container_id: container, containerId }) => isText(container) || isText(containerId),
  },
  image_generation_call: {
    statuses: ['in_progress', 'completed', 'generating', 'failed'],
    has: () => true,
  },
  mcp_list_tools: { has: ({ tools, server_label: server }) => Array.isArray(tools) && isText(server) },
  mcp_call: { has: hasCall },
  mcp_approval_request: { has: hasCall },
  mcp_approval_response: {
    has: ({ approve, approval_request_id: request }) => typeof approve === 'boolean' && isText(request),
  },
};

/** A hosted tool's call as the Responses API takes it; undefined for one that lacks what the API asks for. */
export function fitHosted(item: AgentInputItem): AgentInputItem[] | undefined {
  const fields = item as unknown as Part;
  const given = dataOf(fields);
  const type = hostedTypeOf(item).replace(
    /^(web_search|file_search|code_interpreter|image_generation)$/,
    '$1_call',
  );
  const known = Object.hasOwn(KNOWN, type) ? KNOWN[type] : undefined;
  const id = isText(fields.id) ? fields.id : given.id;
  const isResponse = type === 'mcp_approval_response';
  if (known === undefined || !known.has(given) || !(isText(id) || isResponse)) return undefined;
  const status = known.statuses?.includes(String(fields.status)) === false ? 'completed' : fields.status;
  const fitted = {
    ...fields,
    ...(isResponse ? {} : { id }),
    ...(known.statuses === undefined ? {} : { status }),
    providerData: { ...given, type },
  };
  return [fitted as unknown as AgentInputItem];
}

function hasCall({ name, arguments: args, server_label: server }: Part): boolean {
  return isText(name) && typeof args === 'string' && isText(server);
}
