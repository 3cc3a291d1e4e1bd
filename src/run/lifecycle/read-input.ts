import { type AgentInputItem, protocol } from '@openai/agents-core';
import { type FieldProblem, QuestlogError } from '../../errors.ts';

const TITLE_LENGTH = 80;

/**
 * What the user says, as items of the SDK. It is stored before the model sees it, so what no model could read is
 * refused here: once stored, it would fail every later run of the chat.
 *
 * @throws QuestlogError `invalid_request` naming each item that the SDK does not know.
 */
export function readInput(input: string | readonly unknown[]): AgentInputItem[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  const errors: FieldProblem[] = [];
  const items = input.map((item, index) => {
    const result = protocol.ModelItem.safeParse(item);
    if (!result.success)
      errors.push({ field: `input[${index}]`, message: 'is not an item of the Agents SDK' });
    return item as AgentInputItem;
  });
  if (errors.length === 0) return items;
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new QuestlogError('invalid_request', text, { errors });
}

/** A title for a chat that has none: the beginning of the first thing that the user says. */
export function titleOf(items: readonly AgentInputItem[]): string | undefined {
  const text = items.map(userText).find((found) => found !== '');
  if (text === undefined) return undefined;
  const letters = [...text];
  return letters.length <= TITLE_LENGTH
    ? text
    : `${letters
        .slice(0, TITLE_LENGTH - 1)
        .join('')
        .trimEnd()}…`;
}

function userText(item: AgentInputItem): string {
  if (!('role' in item) || item.role !== 'user') return '';
  const text =
    typeof item.content === 'string'
      ? item.content
      : item.content.map((part) => (part.type === 'input_text' ? part.text : '')).join(' ');
  return text
    .slice(0, 4 * TITLE_LENGTH)
    .toWellFormed()
    .replaceAll('\u0000', '')
    .replace(/\s+/g, ' ')
    .trim();
}
