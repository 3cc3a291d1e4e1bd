import type { AgentInputItem } from '@openai/agents-core';
import { dataOf } from './calls.ts';
import { type Api, fitPart, type Part, toSdkPart } from './parts.ts';

/** A message as an API takes it; none when nothing is left of it. */
export function fitMessage(item: AgentInputItem, api: Api): AgentInputItem[] {
  const { role, content, ...rest } = item as unknown as Part;
  switch (role) {
    case 'assistant':
      return fitAnswer(item as unknown as Part, api);
    case 'user': {
      if (typeof content === 'string') return [item];
      const parts = toList(content).map((part) => fitUserPart(part, api));
      return parts.length === 0 ? [] : [{ ...rest, role, content: parts } as unknown as AgentInputItem];
    }
    default:
      return typeof content === 'string' && role === 'system' ? [item] : [];
  }
}

/** What the model is told of a part that it is not given. */
export function toPlaceholder(leftOut: string): Part {
  return { type: 'input_text', text: `[${leftOut} that this model cannot be given]` };
}

export function fitUserPart(given: unknown, api: Api): Part {
  const part = toSdkPart(given);
  if (part === undefined) return toPlaceholder('a part of the message');
  const fitted = fitPart(part, api);
  return 'leftOut' in fitted ? toPlaceholder(String(fitted.leftOut)) : fitted;
}

/** What a model said. What it drew or spoke does not go back in; a transcript does. */
function fitAnswer(item: Part, api: Api): AgentInputItem[] {
  const { content, status, phase, providerData: _, ...rest } = item;
  const given: unknown[] =
    typeof content === 'string' ? [{ type: 'output_text', text: content }] : toList(content);
  const parts = given.flatMap((part) => fitAnswerPart(part as Part, api));
  if (parts.length === 0) return [];
  const data = dataOf(item);
  const message = {
    ...rest,
    type: 'message',
    status: isStatus(status) ? status : 'completed',
    content: parts,
    // Chat Completions has no phases; the SDK would warn of each.
    ...(isPhase(phase) && api === 'responses' ? { phase } : {}),
    ...('providerData' in item ? { providerData: isPhase(data.phase) ? data : without(data, 'phase') } : {}),
  };
  return [message as unknown as AgentInputItem];
}

function fitAnswerPart(part: Part | null, api: Api): Part[] {
  if (typeof part !== 'object' || part === null) return [];
  if (part.type === 'refusal' && typeof part.refusal === 'string') return [part];
  if (part.type === 'audio' && typeof part.transcript === 'string' && part.transcript !== '') {
    return [{ type: 'output_text', text: part.transcript }];
  }
  if (part.type !== 'output_text' || typeof part.text !== 'string') return [];
  if (api !== 'chat_completions' || !('providerData' in part)) return [part];
  // Fields of the Responses API alone.
  return [{ ...part, providerData: without(dataOf(part), 'annotations', 'logprobs') }];
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

export function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
