import { isDeepStrictEqual } from 'node:util';
import type { AgentInputItem } from '@openai/agents-core';
import fc from 'fast-check';
import { toArguments } from '../../src/run/model-input/as-functions.ts';
import { type Api, toModelInput } from '../../src/run/model-input/model-input.ts';
import { faultOfItems, type OpenAiApi, requestOf } from '../support/strict/request-of.ts';
import type { Links } from '../support/strict/responses-faults.ts';
import { randomHistory, soundHistories } from './random-history.ts';

export const OPENAI_APIS: readonly OpenAiApi[] = ['responses', 'chat_completions'];

const QUESTION = 'what the user asks now';

function ask(items: readonly AgentInputItem[]): AgentInputItem[] {
  return [...items, { type: 'message', role: 'user', content: QUESTION }];
}

/**
 * Any history is taken by an API after `toModelInput`, with the question and all that was ever said; what is stored is
 * left as it is.
 */
export function anyHistoryIsTaken(api: OpenAiApi) {
  return fc.asyncProperty(randomHistory.map(labelTexts), async (history) => {
    const items = ask(history);
    const before = structuredClone(items);
    const input = toModelInput(items, api);
    const fault = await faultOfItems(api, input, linksOf(items));
    if (fault !== undefined) throw new Error(fault);
    const request = JSON.stringify(await requestOf(api, input));
    const lost = [...saidIn(history), QUESTION].filter((text) => !request.includes(text));
    if (lost.length > 0) throw new Error(`not in the request: ${lost.join(' ')}`);
    if (!isDeepStrictEqual(items, before)) throw new Error('the history was changed');
    if (!isDeepStrictEqual(toModelInput(input, api), input)) throw new Error('the second time changes more');
  });
}

/** Every text of a message becomes one of its own, so that a lost one is missed. */
function labelTexts(items: readonly AgentInputItem[]): AgentInputItem[] {
  return items.map((item, place) => {
    if (!('role' in item)) return item;
    const { content } = item;
    if (typeof content === 'string')
      return { ...item, content: content && `said ${place}.` } as AgentInputItem;
    const parts = content.map((part, number) =>
      isText(part) && part.text ? { ...part, text: `said ${place}-${number}.` } : part,
    );
    return { ...item, content: parts } as AgentInputItem;
  });
}

function saidIn(items: readonly AgentInputItem[]): string[] {
  return items.flatMap((item) => {
    if (!('role' in item)) return [];
    const { content } = item;
    if (typeof content === 'string') return [content];
    return content.flatMap((part) => (isText(part) ? [part.text] : []));
  });
}

function isText(part: { readonly type: string }): part is { readonly type: string; readonly text: string } {
  return part.type === 'input_text' || part.type === 'output_text';
}

/** No history makes `toModelInput` throw or change what is stored, and a second time changes nothing. */
export function anyHistoryIsLeftAlone(api: Api) {
  return fc.property(randomHistory, (history) => {
    const before = structuredClone(history);
    const input = toModelInput(history, api);
    if (!isDeepStrictEqual(history, before)) throw new Error('the history was changed');
    if (!isDeepStrictEqual(toModelInput(input, api), input)) throw new Error('the second time changes more');
  });
}

/** A history of the API's own items, which it takes as it is, comes back whole, but for ids that say nothing to a model. */
export function soundHistoryIsKept(api: OpenAiApi) {
  return fc.asyncProperty(soundHistories[api], async (history) => {
    const items = ask(history);
    const fault = await faultOfItems(api, items, linksOf(items));
    if (fault !== undefined) throw new Error(`no sound history: ${fault}`);
    const kept = essence(toModelInput(items, api));
    if (!isDeepStrictEqual(kept, essence(items))) throw new Error('something was lost');
  });
}

/** Of any history that an API takes as it is, the model gets the same request as without `toModelInput`. */
export function takenHistoryIsKept(api: OpenAiApi) {
  return fc.asyncProperty(randomHistory, async (history) => {
    const items = ask(history);
    fc.pre((await faultOfItems(api, items, linksOf(items))) === undefined);
    const request = await requestOf(api, toModelInput(items, api));
    const plain = await requestOf(api, items);
    if (!isDeepStrictEqual(essence(request), essence(plain))) throw new Error('something was lost');
  });
}

/** What a model learns of items: not their ids, nothing of a message without content, nor of reasoning that is in another API's form. */
function essence(
  items: readonly { readonly type?: string | undefined; readonly content?: unknown }[],
): object[] {
  return items
    .filter((item) => item.type !== 'reasoning' && !isEmpty(item))
    .map((item) => JSON.parse(JSON.stringify({ ...item, reasoning: undefined }, withoutIds)));
}

function withoutIds(name: string, value: unknown): unknown {
  // Arguments that are no JSON come as some that are.
  if (name === 'arguments' && typeof value === 'string') return toArguments(value);
  return ['id', 'callId', 'tool_call_id', 'call_id', 'annotations', 'logprobs'].includes(name)
    ? undefined
    : value;
}

function isEmpty(item: { readonly content?: unknown; readonly encrypted_content?: unknown }): boolean {
  const { content } = item;
  return item.encrypted_content === '' || (Array.isArray(content) && content.length === 0);
}

/** Which reasoning each item was made with, as the API that made them remembers it: all until the next thought. */
function linksOf(items: readonly AgentInputItem[]): Links {
  const count = new Map<string | undefined, number>();
  for (const { id } of items) count.set(id, (count.get(id) ?? 0) + 1);
  const links = new Map<string, string>();
  let thought: string | undefined;
  for (const item of items) {
    const { id } = item;
    if (item.type === 'reasoning') thought = id;
    else if (!isMadeByModel(item)) thought = undefined;
    // The same id twice says nothing of which of them was made with what.
    else if (id && thought && count.get(id) === 1 && count.get(thought) === 1) links.set(id, thought);
  }
  return links;
}

function isMadeByModel(item: AgentInputItem): boolean {
  if ('role' in item) return item.role === 'assistant';
  if (item.type === 'hosted_tool_call' && item.name === 'mcp_approval_response') return false;
  return item.type === 'program' || (item.type?.endsWith('_call') ?? false);
}
