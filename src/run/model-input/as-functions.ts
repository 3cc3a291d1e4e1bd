import type { AgentInputItem } from '@openai/agents-core';
import { type CallPart, dataOf, hostedTypeOf, toCallPart } from '../../session/calls.ts';
import { isStatus } from './messages.ts';
import type { Part } from './parts.ts';

/** What function names may hold, in both APIs. */
const NOT_IN_NAMES = /[^a-zA-Z0-9_-]/g;

/**
 * A call of any kind, or its result, as that of a function: the form that every API has. None for what a model that
 * does not have the tool has no use for.
 */
export function toFunctionItem(item: AgentInputItem): AgentInputItem[] {
  const part = toCallPart(item);
  if (part === undefined || part.kind === 'tool_search' || part.kind === 'mcp_approval') return [];
  const fields = item as unknown as Part;
  return [part.role === 'call' ? toFunctionCall(fields, part) : toFunctionResult(fields, part)];
}

/** A hosted tool's call, which holds its result itself, as the call of a function and its result. */
export function toFunctionPair(item: AgentInputItem): AgentInputItem[] {
  const fields = item as unknown as Part;
  const data = dataOf(fields);
  const type = hostedTypeOf(item);
  if (!/^(web_search|file_search|code_interpreter|mcp)_call$/.test(type)) return [];
  const asked = {
    ...pick(data, 'action', 'queries', 'code'),
    ...pick(fields, 'arguments'),
    ...pick(data, 'arguments'),
  };
  const got = fields.output ?? data.output ?? data.results ?? data.outputs ?? data.error;
  if (Object.keys(asked).length === 0 && isNothing(got)) return [];
  const id = text(fields.id) || text(data.id);
  const name = toName(text(data.name) || type.replace(/_call$/, ''));
  const args = typeof asked.arguments === 'string' ? asked.arguments : toJson(asked);
  return [
    call(id, name, toArguments(args)),
    result(id, name, isNothing(got) ? text(fields.status) || 'done' : toText(got)),
  ];
}

/** A function's result as text, the form that Chat Completions has: its texts, or the SDK's words for none. */
export function toResultText(output: unknown): string {
  if (typeof output === 'string') return output;
  const texts = (Array.isArray(output) ? output : [output]).flatMap((part: Part | null) =>
    typeof part?.text === 'string' ? [part.text] : [],
  );
  return texts.length === 0 ? '[tool output omitted]' : texts.join('');
}

/** A name that every API takes. */
export function toName(name: string): string {
  return name.replace(NOT_IN_NAMES, '_').slice(0, 64) || 'tool';
}

/** Arguments that are JSON: some servers read those of earlier calls, too. */
export function toArguments(given: unknown): string {
  if (typeof given !== 'string') return toJson(given ?? {});
  try {
    JSON.parse(given);
    return given;
  } catch {
    return given.trim() === '' ? '{}' : toJson({ unreadable: given });
  }
}

function toFunctionCall(item: Part, { kind, id }: CallPart): AgentInputItem {
  switch (kind) {
    case 'function': {
      const name = [item.namespace, item.name].filter((word) => text(word) !== '').join('_');
      const { namespace: _, caller: __, ...rest } = item;
      return {
        ...rest,
        ...(isStatus(item.status) ? {} : { status: 'completed' }),
        name: toName(name),
        arguments: toArguments(item.arguments),
      } as unknown as AgentInputItem;
    }
    case 'computer':
      return call(id, 'computer', toJson({ actions: item.actions ?? [item.action] }));
    case 'shell':
      return call(id, 'shell', toJson(item.action));
    case 'apply_patch':
      return call(id, 'apply_patch', toJson(item.operation));
    case 'program':
      return call(id, 'program', toJson({ code: item.code }));
    default: {
      const { name, input, action } = dataOf(item);
      return call(
        id,
        toName(text(name) || kind.replace(/_call$/, '')),
        toJson({ ...pick({ input, action }, 'input', 'action') }),
      );
    }
  }
}

function toFunctionResult(fields: Part, { kind, id }: CallPart): AgentInputItem {
  if (kind === 'function') {
    const { namespace, caller: _, ...rest } = fields;
    const name = [namespace, fields.name].filter((word) => text(word) !== '').join('_');
    return {
      ...rest,
      ...(isStatus(fields.status) ? {} : { status: 'completed' }),
      name: toName(name),
      output: isTextOutput(fields.output) ? fields.output : toResultText(fields.output),
    } as unknown as AgentInputItem;
  }
  const output = fields.output ?? dataOf(fields).output;
  return result(
    id,
    kind,
    kind === 'computer' ? '[a picture of the screen]' : isNothing(output) ? 'done' : toText(output),
  );
}

export function isTextOutput(output: unknown): boolean {
  if (typeof output === 'string') return true;
  if (typeof output !== 'object' || output === null) return false;
  const { type, text: given } = output as Part;
  return type === 'text' && typeof given === 'string';
}

function call(callId: string, name: string, args: string): AgentInputItem {
  return { type: 'function_call', callId, name, status: 'completed', arguments: args };
}

function result(callId: string, name: string, output: string): AgentInputItem {
  return { type: 'function_call_result', callId, name, status: 'completed', output };
}

function pick(fields: Part, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => !isNothing(fields[name])).map((name) => [name, fields[name]]),
  );
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value);
}

function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
