import type { Item } from 'questlog/client';
import { describeFile, type FilePart, toFilePart } from '../../files/file-part.ts';
import type { Part, ToolPart } from './message.ts';

/** What a stored item of the Agents SDK adds to a message; results are put to their calls elsewhere. */
export function partsOf(item: Item): Part[] {
  if (isMessage(item)) return textParts(item.content);
  if (item.type === 'reasoning') {
    const text = textParts(item.rawContent).concat(textParts(item.content));
    return text.flatMap((part) => ('text' in part ? [{ type: 'reasoning', text: part.text }] : []));
  }
  if (isCall(item)) return [toCall(item)];
  if (item.type === 'hosted_tool_call') return hostedParts(item);
  return [];
}

/** What a tool gives back beside text. */
export function filesIn(output: unknown): Part[] {
  return toFiles([output].flat().map(toFilePart));
}

function hostedParts(item: Item): Part[] {
  const call = { ...toCall(item), state: 'done' as const };
  if (item.name !== 'image_generation_call') return [{ ...call, result: show(item.output) }];
  return [call, ...filesIn({ type: 'image', image: item.output })];
}

function toFiles(parts: readonly (FilePart | undefined)[]): Part[] {
  const files = parts
    .filter((part) => part !== undefined)
    .map((content) => ({ ...describeFile(content), content }));
  return files.length === 0 ? [] : [{ type: 'files', files }];
}

export function isMessage(item: Item): boolean {
  return item.type === 'message' || item.type === undefined;
}

export function isCall(item: Item): boolean {
  return typeof item.type === 'string' && /^(function|computer|shell|apply_patch)_call$/.test(item.type);
}

export function isResult(item: Item): boolean {
  return typeof item.type === 'string' && /_call_(result|output)$/.test(item.type);
}

/** The agent that a handoff's call named, from the name that the SDK gives such a tool. */
export function handoffOf(name: string): string | undefined {
  const agent = /^transfer_to_(.+)$/.exec(name)?.[1];
  return agent?.replaceAll('_', ' ');
}

/** A call with its result. */
export function answered(call: ToolPart, item: Item): ToolPart {
  const result = show(item.output);
  return { ...call, result, state: stateOf(item, result) };
}

function stateOf({ status }: Item, result: string): ToolPart['state'] {
  if (/^tool execution was not approved\./i.test(result)) return 'rejected';
  const isFailure = /^(an error occurred|error:|tool .* (failed|timed out))/i.test(result);
  return status === 'incomplete' || isFailure ? 'failed' : 'done';
}

function toCall(item: Item): ToolPart {
  return {
    type: 'tool',
    callId: String(item.callId ?? item.id ?? ''),
    name: String(item.name ?? item.type),
    arguments:
      typeof item.arguments === 'string' ? item.arguments : show(item.action ?? item.operation ?? {}),
    result: undefined,
    state: 'running',
  };
}

function textParts(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  const files = content.map(toFilePart);
  const texts = content.flatMap((part: Item, index): Part[] => {
    if (files[index] !== undefined) return [];
    if (typeof part.text === 'string') return [{ type: 'text', text: part.text }];
    if (typeof part.refusal === 'string') return [{ type: 'text', text: part.refusal }];
    if (typeof part.transcript === 'string') return [{ type: 'text', text: part.transcript }];
    const kind = typeof part.type === 'string' ? part.type.replace(/^(in|out)put_/, '') : 'part';
    return [{ type: 'text', text: `*(${kind})*` }];
  });
  return [...texts, ...toFiles(files)];
}

/** A tool's output as text: its words where it has some, JSON otherwise. */
function show(output: unknown): string {
  if (output === undefined || output === null) return '';
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map(show).filter(Boolean).join('\n');
  // It is shown as what it is.
  if (toFilePart(output) !== undefined) return '';
  if (typeof output === 'object' && 'text' in output && typeof output.text === 'string') return output.text;
  return JSON.stringify(output, null, 2);
}
