// biome-ignore lint/suspicious/noExplicitAny: what other programs write may be anything: every member is looked at.
type Anything = any;

/**
 * Makes what turns the items of one session of the Python SDK, which are those of the Responses API, into items of the
 * SDK in TypeScript.
 */
export function pythonItems(): (item: Anything) => object {
  // A result names its call by id only.
  const names = new Map<unknown, string>();
  return (item) => {
    if (item.type === 'function_call') names.set(item.call_id, String(item.name));
    return convert(item, names);
  };
}

function convert(item: Anything, names: ReadonlyMap<unknown, string>): object {
  switch (item.type ?? 'message') {
    case 'message':
      return toMessage(item);
    case 'function_call': {
      const { call_id: callId, name, arguments: args, status, id, type, ...rest } = item;
      const call = {
        type,
        ...given({ id }),
        callId,
        name,
        status: status ?? 'completed',
        arguments: args ?? '{}',
      };
      return { ...call, ...providerData(rest) };
    }
    case 'function_call_output': {
      const { call_id: callId, output, status, id, type: _, ...rest } = item;
      const result = {
        type: 'function_call_result',
        ...given({ id }),
        name: names.get(callId) ?? String(callId),
      };
      return {
        ...result,
        callId,
        status: status ?? 'completed',
        output: Array.isArray(output) ? output.map(toPart) : { type: 'text', text: toText(output) },
        ...providerData(rest),
      };
    }
    case 'reasoning': {
      const { id, type, summary, ...rest } = item;
      const content = Array.isArray(summary) ? summary : [];
      const texts = content.map((part: Anything) => ({ type: 'input_text', text: toText(part?.text) }));
      return { type, ...given({ id }), content: texts, ...providerData(rest) };
    }
    case 'file_search_call':
    case 'web_search_call':
    case 'image_generation_call':
    case 'code_interpreter_call':
    case 'mcp_call':
    case 'mcp_list_tools': {
      const { id, type, status, result, ...rest } = item;
      const call = { type: 'hosted_tool_call', ...given({ id }), name: type, status: status ?? 'completed' };
      return {
        ...call,
        ...given({ output: result ?? undefined }),
        providerData: { type, ...given({ id }), ...rest },
      };
    }
    default:
      return { type: 'unknown', ...given({ id: item.id }), providerData: item };
  }
}

function toMessage(item: Anything): object {
  const { role, content, id, status, type: _, ...rest } = item;
  if (role !== 'assistant') {
    const parts = Array.isArray(content) ? content.map(toPart) : toText(content);
    const to = role === 'user' ? 'user' : 'system';
    return {
      type: 'message',
      role: to,
      content: to === 'system' && Array.isArray(parts) ? textOf(parts) : parts,
    };
  }
  const said = Array.isArray(content)
    ? content.map(toOutput)
    : [{ type: 'output_text', text: toText(content) }];
  return {
    type: 'message',
    ...given({ id }),
    role,
    status: status ?? 'completed',
    content: said,
    ...providerData(rest),
  };
}

function toPart(part: Anything): object {
  switch (part?.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'input_text', text: toText(part.text) };
    case 'input_image': {
      const image = part.image_url ?? (part.file_id == null ? undefined : { id: part.file_id });
      return { type: 'input_image', ...given({ image }), ...given({ detail: part.detail ?? undefined }) };
    }
    case 'input_file': {
      const { file_data, file_url, file_id, filename } = part;
      const file =
        file_data ??
        (file_url == null ? undefined : { url: file_url }) ??
        (file_id == null ? undefined : { id: file_id });
      return { type: 'input_file', ...given({ file }), ...given({ filename: filename ?? undefined }) };
    }
    default:
      return { type: 'input_text', text: toText(part) };
  }
}

function toOutput(part: Anything): object {
  if (part?.type === 'refusal') return { type: 'refusal', refusal: toText(part.refusal) };
  const { type: _, text, ...rest } = Object(part);
  return { type: 'output_text', text: toText(typeof part === 'string' ? part : text), ...providerData(rest) };
}

function textOf(parts: readonly Anything[]): string {
  return parts.map((part) => part.text ?? '').join('\n');
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function given<Members extends object>(members: Members): Partial<Members> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<Members>;
}

function providerData(rest: object): object {
  return Object.keys(rest).length === 0 ? {} : { providerData: rest };
}
