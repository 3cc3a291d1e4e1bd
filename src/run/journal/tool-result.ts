import type { AgentInputItem } from '@openai/agents-core';
import { type Part, toSdkPart } from '../model-input/parts.ts';
import { toResult } from './closing-items.ts';

/** The result of a function as its hook tells it: images and files come as the text of their JSON. */
export function toToolResult(callId: string, name: string, text: string): AgentInputItem {
  const output = /^\[?\{"type":"(text|image|file)"/.test(text) ? toParts(text) : undefined;
  const result = toResult(callId, name, text);
  return output === undefined ? result : ({ ...result, output } as AgentInputItem);
}

function toParts(text: string): readonly Part[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const given = (Array.isArray(parsed) ? parsed : [parsed]) as Part[];
    const parts = given.map((part) => toSdkPart({ ...part, ...toSource(part), type: `input_${part.type}` }));
    return parts.every((part) => part !== undefined) ? parts : undefined;
  } catch {
    return undefined;
  }
}

/** `{ data, mediaType }` as a data URL; what else an image or a file may be, parts have under the same names. */
function toSource({ type, ...part }: Part): Part {
  const source = part[String(type)];
  if (typeof source !== 'object' || source === null) return {};
  const { data, mediaType, ...rest } = source as Part;
  if (typeof data !== 'string') return rest;
  return { ...rest, [String(type)]: `data:${mediaType ?? 'text/plain'};base64,${data}` };
}
