import type { AgentInputItem } from '@openai/agents-core';
import { dataOf } from '../../session/calls.ts';
import { type Api, fitPart, type Part, toSdkPart } from './parts.ts';

/** A message as an API takes it; none when nothing is left of it. */
export function fitMessage(given: AgentInputItem, api: Api): AgentInputItem[] {
  const item = fitData(given as unknown as Part, api);
  const { role, content } = item;
  if (role === 'assistant') return fitAnswer(item, api);
  if (typeof content === 'string') return role === 'user' || role === 'system' ? [asItem(item)] : [];
  const parts = role === 'user' ? toList(content).map((part) => fitUserPart(part, api)) : [];
  return parts.length === 0 ? [] : [asItem({ ...item, content: parts })];
}

/** What the model is told of a part that it is not given. */
export function toPlaceholder(leftOut: string): Part {
  return { type: 'input_text', text: `[${leftOut} that this model cannot be given]` };
}

export function fitUserPart(given: unknown, api: Api): Part {
  const part = toSdkPart(given);
  if (part === undefined) return toPlaceholder('a part of the message');
  const fitted = fitPart(part, api);
  return 'leftOut' in fitted ? toPlaceholder(String(fitted.leftOut)) : fitData(fitted as Part, api);
}

/** What a model said. What it drew or spoke does not go back in; a transcript does. */
function fitAnswer({ content, status, phase, ...rest }: Part, api: Api): AgentInputItem[] {
  const given = typeof content === 'string' ? [{ type: 'output_text', text: content }] : toList(content);
  const parts = given.flatMap((part) => fitAnswerPart(part as Part, api));
  if (parts.length === 0) return [];
  const message = {
    ...rest,
    type: 'message',
    status: isStatus(status) ? status : 'completed',
    content: parts,
    // Chat Completions has no phases; the SDK would warn of each.
    ...(isPhase(phase) && api === 'responses' ? { phase } : {}),
  };
  return [asItem(message)];
}

function fitAnswerPart(part: Part | null, api: Api): Part[] {
  if (typeof part !== 'object' || part === null) return [];
  if (part.type === 'refusal' && typeof part.refusal === 'string') return [fitData(part, api)];
  if (part.type === 'audio' && typeof part.transcript === 'string' && part.transcript !== '') {
    return [{ type: 'output_text', text: part.transcript }];
  }
  return part.type === 'output_text' && typeof part.text === 'string' ? [fitData(part, api)] : [];
}

/** Fields of an answer that are known to the Responses API alone, which takes no others. */
const RESPONSES_DATA = ['annotations', 'logprobs', 'phase'];

/** What the provider said beside the SDK's fields, as far as the API takes it. */
function fitData(fields: Part, api: Api): Part {
  if (!('providerData' in fields)) return fields;
  const data = dataOf(fields);
  const isKnown = ([name, value]: [string, unknown]) =>
    (name !== 'phase' || isPhase(value)) && RESPONSES_DATA.includes(name) === (api === 'responses');
  return { ...fields, providerData: Object.fromEntries(Object.entries(data).filter(isKnown)) };
}

export function isStatus(status: unknown): boolean {
  return status === 'completed' || status === 'incomplete' || status === 'in_progress';
}

function isPhase(phase: unknown): boolean {
  return phase === 'commentary' || phase === 'final_answer';
}

export function without(fields: Part, ...names: readonly string[]): Part {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

export function pick(fields: Part, ...names: readonly string[]): Part {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
}

export function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asItem(fields: Part): AgentInputItem {
  return fields as unknown as AgentInputItem;
}
