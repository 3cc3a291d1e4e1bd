import type { AgentInputItem } from '@openai/agents-core';
import { type FieldProblem, QuestlogError } from '../../errors.ts';
import { forModel } from '../../session/for-model.ts';
import type { Turns } from '../../turns.ts';
import type { Accepts } from '../../wire/agents.ts';
import { type Api, fitPart, type Part, toSdkPart } from '../model-input/parts.ts';
import { isReadable } from '../model-input/readable.ts';

const TITLE_LENGTH = 80;
/** So many wrong places are named: the work and the reply are bounded whatever the input is. */
const MAX_PROBLEMS = 50;

/**
 * What the user says, as items of the SDK. It is stored before the model sees it, so what this model's API cannot take is
 * refused here. Parts in an API's own form (`image_url`, `file_data` …) become the SDK's.
 *
 * @throws QuestlogError `invalid_request` naming each item that the SDK does not know, and each part that the API does
 * not take.
 *
 * @param accepts what the model takes beside text. Default: all that its API takes.
 */
export async function readInput(
  turns: Turns,
  userId: string,
  input: string | readonly unknown[],
  api: Api,
  accepts?: Accepts,
): Promise<AgentInputItem[]> {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  const errors: FieldProblem[] = [];
  const items = await turns.map(userId, input, (given, index) => {
    const item = readItem(given, `input[${index}]`, { api, accepts }, errors);
    if (errors.length >= MAX_PROBLEMS) throw toError(errors);
    return item;
  });
  if (errors.length > 0) throw toError(errors);
  return items;
}

/** What a model takes. */
interface Taker {
  readonly api: Api;
  readonly accepts: Accepts | undefined;
}

function readItem(given: unknown, field: string, taker: Taker, errors: FieldProblem[]): AgentInputItem {
  const before = errors.length;
  const item = forModel(readParts(given, field, taker, errors));
  if (errors.length > before) return item;
  if (!isReadable(item)) errors.push({ field, message: 'is not an item of the Agents SDK' });
  else if (isHostedWithoutData(item)) errors.push({ field, message: 'lacks its providerData' });
  return item;
}

function toError(found: readonly FieldProblem[]): QuestlogError {
  const errors = found.slice(0, MAX_PROBLEMS);
  const text = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new QuestlogError('invalid_request', text, { errors });
}

/** An item whose parts are the SDK's; what is wrong with them is added to `errors`. */
function readParts(item: unknown, path: string, taker: Taker, errors: FieldProblem[]): AgentInputItem {
  const { role, content } = (item ?? {}) as Part;
  if ((role !== 'user' && role !== 'assistant') || !Array.isArray(content)) return item as AgentInputItem;
  if (content.length === 0) errors.push({ field: `${path}.content`, message: 'holds nothing' });
  const parts = content.map((given: unknown, index) => {
    const refuse = (message: string) => errors.push({ field: `${path}.content[${index}]`, message });
    const { type } = (given ?? {}) as Part;
    if (role === 'assistant') {
      if (type === 'image' || type === 'audio') refuse('is what a model made: no model takes it back');
      return given;
    }
    const part = toSdkPart(given);
    if (part === undefined) {
      refuse(isKnownType(type) ? 'holds nothing' : 'is not a part of a message of the Agents SDK');
      return given;
    }
    const problem = problemOf(part, taker);
    if (problem !== undefined) refuse(problem);
    return part;
  });
  return { ...(item as AgentInputItem), content: parts } as AgentInputItem;
}

function problemOf(part: Part, { api, accepts }: Taker): string | undefined {
  if (part.type === 'input_image' && accepts?.images === false)
    return 'is an image, which this agent does not take';
  if (part.type === 'input_file' && accepts?.files === false)
    return 'is a file, which this agent does not take';
  const fitted = api === 'other' ? part : fitPart(part, api);
  if (!('leftOut' in fitted)) return undefined;
  return `is ${fitted.leftOut} in a form that the API of this model does not take`;
}

function isKnownType(type: unknown): boolean {
  return ['input_text', 'input_image', 'input_file', 'audio'].includes(String(type));
}

function isHostedWithoutData(item: AgentInputItem): boolean {
  return item.type === 'hosted_tool_call' && item.providerData === undefined;
}

/** A title for a chat that has none: the beginning of the first thing that the user says. */
export function titleOf(items: readonly AgentInputItem[]): string | undefined {
  const text = items.map(userText).find((found) => toTitle(found) !== undefined);
  return text === undefined ? undefined : toTitle(text);
}

/** The beginning of a text as a title; undefined: it has nothing to read. */
export function toTitle(text: string): string | undefined {
  const line = text
    .slice(0, 4 * TITLE_LENGTH)
    .toWellFormed()
    .replaceAll('\u0000', '')
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...line];
  if (letters.length <= TITLE_LENGTH) return line === '' ? undefined : line;
  return `${letters
    .slice(0, TITLE_LENGTH - 1)
    .join('')
    .trimEnd()}…`;
}

function userText(item: AgentInputItem): string {
  if (!('role' in item) || item.role !== 'user') return '';
  const { content } = item;
  return typeof content === 'string' ? content : content.map(partText).join(' ').trim() || namesIn(content);
}

/** What is said, not what is in a file: the page names the files that it sends as text. */
function partText(part: object): string {
  const { type, text, filename } = part as Part;
  return type === 'input_text' && filename === undefined ? String(text) : '';
}

function namesIn(content: readonly object[]): string {
  const names = content.map((part) => (part as Part).filename);
  return names.filter((name) => typeof name === 'string').join(', ');
}
