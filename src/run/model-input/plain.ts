import type { AgentInputItem } from '@openai/agents-core';
import { toCallPart, withCallId } from '../../session/calls.ts';
import { isUser } from '../../session/turns.ts';
import { toResultText } from './as-functions.ts';
import { fitChatCompletions } from './for-chat-completions.ts';
import { asItem, toPlaceholder } from './messages.ts';
import type { Part } from './parts.ts';

/**
 * Items as plain text, for a provider that has refused what they hold: messages, and calls of functions with their results.
 * Beside that it keeps the rules of servers that others have met: ids of nine letters and digits, no text that is blank, no
 * two messages of the user one after the other.
 */
export function toPlainItems(items: readonly AgentInputItem[]): AgentInputItem[] {
  return alternate(renameCalls(fitChatCompletions(items).flatMap(toPlainItem)));
}

function toPlainItem(item: AgentInputItem): AgentInputItem[] {
  if (item.type === 'reasoning') return [];
  const { id: _, providerData: __, ...plain } = item as unknown as Part;
  if (item.type === 'function_call_result')
    return [asItem({ ...plain, output: toResultText(item.output) || '(empty)' })];
  if (!('role' in item)) return [asItem(plain)];
  if (!Array.isArray(item.content)) return isBlank(item.content) ? [] : [asItem(plain)];
  const content = (item.content as readonly Part[])
    .map(toPlainPart)
    .filter((part) => !isBlank(part.text ?? part.refusal));
  return content.length === 0 ? [] : [asItem({ ...plain, content })];
}

function toPlainPart({ providerData: _, ...part }: Part): Part {
  if (part.type === 'input_image') return toPlaceholder('an image');
  if (part.type === 'input_file') return toPlaceholder('a file');
  return part.type === 'audio' ? toPlaceholder('a recording') : part;
}

function isBlank(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === '';
}

function renameCalls(items: readonly AgentInputItem[]): AgentInputItem[] {
  const ids = new Map<string, string>();
  return items.map((item) => {
    const id = toCallPart(item)?.id;
    if (id === undefined) return item;
    const renamed = ids.get(id) ?? `call${String(ids.size).padStart(5, '0')}`;
    ids.set(id, renamed);
    return withCallId(item, renamed);
  });
}

/** A message that was not answered is followed by that; so is the last, since the new one comes behind it. */
function alternate(items: readonly AgentInputItem[]): AgentInputItem[] {
  return items.flatMap((item, index) => {
    const next = items[index + 1];
    return isUser(item) && (next === undefined || isUser(next)) ? [item, NOT_ANSWERED] : [item];
  });
}

const NOT_ANSWERED: AgentInputItem = {
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: '(not answered)' }],
};
