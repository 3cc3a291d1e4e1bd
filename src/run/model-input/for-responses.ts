import type { AgentInputItem } from '@openai/agents-core';
import { isTextOutput, toArguments, toFunctionItem, toFunctionPair, toName } from './as-functions.ts';
import { dataOf, toCallPart } from './calls.ts';
import { fitHosted } from './hosted.ts';
import { fitMessage, fitUserPart, isStatus, toList, without } from './messages.ts';
import { pairCalls } from './pair-calls.ts';
import { fitPart, type Part, toSdkPart } from './parts.ts';
import { isModelOutput, removeLoneReasoning } from './reasoning.ts';

/** A picture of nothing, where a call of the computer needs one: the SDK's own. */
export const BLANK_SCREEN =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';

/** Calls that the SDK does not know, and the API does. */
const KNOWN_CALLS: ReadonlySet<string | undefined> = new Set(['custom_tool_call']);

/** Items as the Responses API takes them, through the SDK's converter. */
export function fitResponses(items: readonly AgentInputItem[]): AgentInputItem[] {
  const paired = pairCalls(items.flatMap(fitItem));
  return fitIds(removeLoneReasoning(removeRepeated(pairCalls(removeLostPrograms(paired)))));
}

function fitItem(item: AgentInputItem): AgentInputItem[] {
  if ('role' in item) return fitMessage(item, 'responses');
  const fields = item as unknown as Part;
  switch (item.type) {
    case 'reasoning':
      return fitReasoning(fields);
    case 'hosted_tool_call':
      return fitHosted(item) ?? toFunctionPair(item);
    case 'compaction':
      return typeof fields.encrypted_content === 'string' && fields.encrypted_content !== '' ? [item] : [];
    case 'unknown':
      return KNOWN_CALLS.has(toCallPart(item)?.kind) ? [item] : [];
    case 'function_call':
      return [
        asItem({
          ...withStatus(fields),
          name: toName(String(item.name)),
          arguments: toArguments(item.arguments),
        }),
      ];
    case 'function_call_result':
      return [
        asItem({ ...withStatus(fields), name: toName(String(item.name)), output: fitOutput(item.output) }),
      ];
    default:
      return fitCall(item, fields);
  }
}

/** A call that lacks what the API asks for goes as one of a function. */
function fitCall(item: AgentInputItem, fields: Part): AgentInputItem[] {
  switch (item.type) {
    case 'computer_call':
      return isRecord(fields.action) || toList(fields.actions).length > 0
        ? [asItem(withStatus(fields))]
        : toFunctionItem(item);
    case 'computer_call_result': {
      const image = String((fields.output as Part | null)?.data);
      const screen = fitPart({ type: 'input_image', image }, 'responses');
      const data = 'leftOut' in screen ? BLANK_SCREEN : screen.image;
      return [asItem({ ...fields, output: { type: 'computer_screenshot', data } })];
    }
    case 'shell_call':
      return Array.isArray((fields.action as Part | null)?.commands)
        ? [asItem(withStatus(fields))]
        : toFunctionItem(item);
    case 'apply_patch_call':
      return isRecord(fields.operation) ? [asItem(withStatus(fields))] : toFunctionItem(item);
    case 'shell_call_output':
      return [asItem({ ...fields, output: toList(fields.output) })];
    case 'tool_search_output':
      return Array.isArray(fields.tools) ? [item] : [];
    default:
      return toCallPart(item) === undefined ? [] : [item];
  }
}

/** What is neither stored at the provider nor encrypted says nothing to it: the reasoning of other APIs. */
function fitReasoning(item: Part): AgentInputItem[] {
  const { encrypted_content: snake, encryptedContent: camel } = dataOf(item);
  const isKnown = [item.id, snake, camel].some((value) => typeof value === 'string' && value !== '');
  const content = toList(item.content).filter((part) => typeof (part as Part | null)?.text === 'string');
  return isKnown ? [asItem({ ...item, content })] : [];
}

function fitOutput(output: unknown): unknown {
  if (isTextOutput(output)) return output;
  if (Array.isArray(output)) return output.map((part) => fitUserPart(part, 'responses'));
  if (!isRecord(output)) return JSON.stringify(output) ?? '';
  const { type, image, file } = output;
  if (type !== 'image' && type !== 'file') return JSON.stringify(output);
  if (isBinary(image) || isBinary(file)) return output;
  const source = type === 'image' ? { ...output, ...flatten(image) } : { ...output, ...flatten(file) };
  const part = toSdkPart({ ...source, type: `input_${type}` });
  const fitted = part === undefined ? undefined : fitPart(part, 'responses');
  return fitted === undefined || 'leftOut' in fitted ? [fitUserPart(part, 'responses')] : output;
}

/** Data with its type beside it, which the SDK makes a data URL of. */
function isBinary(value: unknown): boolean {
  return isRecord(value) && value.data !== undefined && value.data !== '' && value.data !== null;
}

function flatten(value: unknown): Part {
  return isRecord(value) ? value : {};
}

/** What a program called is refused without the program. */
function removeLostPrograms(items: readonly AgentInputItem[]): AgentInputItem[] {
  const programs = new Set(items.flatMap((item) => (item.type === 'program' ? [item.callId] : [])));
  return items.filter((item) => {
    const { caller } = item as { readonly caller?: { readonly callerId?: string } };
    return caller?.callerId === undefined || programs.has(caller.callerId);
  });
}

/** Items that the API knows by their id: it takes each once. */
function removeRepeated(items: readonly AgentInputItem[]): AgentInputItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const id = idOf(item);
    if (!NEEDS_ID.has(item.type) || id === '') return true;
    const isNew = !seen.has(id) && id.length <= MAX_ID_LENGTH;
    seen.add(id);
    return isNew;
  });
}

const NEEDS_ID: ReadonlySet<unknown> = new Set(['hosted_tool_call', 'reasoning', 'compaction']);
/** How the ids of the API's messages and calls begin; those of other APIs are refused. */
const ID = /^(msg|fc)_./;
const MAX_ID_LENGTH = 64;

/**
 * Leaves out the ids that the API would refuse: one that it has seen, of another API, or of an answer whose reasoning is
 * not here, which it would ask for.
 */
function fitIds(items: readonly AgentInputItem[]): AgentInputItem[] {
  const seen = new Set<string>();
  let reasoned = false;
  return items.map((item) => {
    reasoned = item.type === 'reasoning' || (reasoned && isModelOutput(item));
    const id = idOf(item);
    const isKnown = reasoned && ID.test(id) && id.length <= MAX_ID_LENGTH && !seen.has(id);
    seen.add(id);
    if (NEEDS_ID.has(item.type) || isKnown || !('id' in item)) return item;
    return asItem(without(item as unknown as Part, 'id'));
  });
}

function idOf(item: AgentInputItem): string {
  return 'id' in item && typeof item.id === 'string' ? item.id : '';
}

/** A status that the API does not have is refused, and so is null. */
function withStatus(fields: Part): Part {
  return isStatus(fields.status) ? fields : { ...without(fields, 'status'), status: 'completed' };
}

function isRecord(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asItem(fields: Part): AgentInputItem {
  return fields as unknown as AgentInputItem;
}
