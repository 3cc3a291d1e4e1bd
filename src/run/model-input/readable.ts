import { type AgentInputItem, protocol } from '@openai/agents-core';
import { forModel } from '../../session/for-model.ts';

/**
 * Whether a model can be given an item. A history may hold anything: what came in by `PUT`, by SQL, or from the seed's
 * table. The SDK's schema takes a quarter of a millisecond an item, so the common ones are known without it.
 */
export function isReadable(item: AgentInputItem): boolean {
  const shown = forModel(item);
  return isCommon(shown) || protocol.ModelItem.safeParse(shown).success;
}

function isCommon(item: unknown): boolean {
  const {
    type,
    role,
    content,
    callId,
    name,
    arguments: args,
    output,
    status,
  } = item as Record<string, unknown>;
  if (type === 'function_call')
    return areTexts(callId, name, args) && (status === undefined || isStatus(status));
  if (type === 'function_call_result')
    return areTexts(callId, name) && isStatus(status) && isText(output, 'text');
  if (type !== undefined && type !== 'message') return false;
  if (role === 'user') return typeof content === 'string';
  return role === 'assistant' && isStatus(status) && Array.isArray(content) && content.every(isOutputText);
}

const isOutputText = (part: unknown) => isText(part, 'output_text');

function isText(part: unknown, kind: string): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { type, text, ...more } = part as Record<string, unknown>;
  return type === kind && typeof text === 'string' && Object.keys(more).length === 0;
}

function isStatus(status: unknown): boolean {
  return status === 'completed' || status === 'incomplete' || status === 'in_progress';
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
