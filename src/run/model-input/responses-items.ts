import type { AgentInputItem } from '@openai/agents-core';
import { dataOf, toCallPart } from '../../session/calls.ts';
import { isTextOutput, toArguments, toFunctionPair, toName } from './as-functions.ts';
import { fitHosted } from './hosted.ts';
import { asItem, fitMessage, fitUserPart, isStatus, pick, toList, without } from './messages.ts';
import { fitPart, type Part, toSdkPart } from './parts.ts';

/** A picture of nothing, where a call of the computer needs one: the SDK's own. */
export const BLANK_SCREEN =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==';

/** The fields of `providerData` that the API takes: it refuses what it does not know. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  computer_call: ['pendingSafetyChecks', 'pending_safety_checks'],
  computer_call_result: ['acknowledgedSafetyChecks', 'acknowledged_safety_checks', 'status'],
  shell_call: ['environment'],
  tool_search_call: ['call_id', 'callId', 'execution'],
  tool_search_output: ['call_id', 'callId', 'execution'],
};

/**
 * An item as the Responses API takes it; none when nothing is left of it.
 *
 * @param isOrphaned whether the reasoning that it was made with is left out.
 */
export function fitResponsesItem(item: AgentInputItem, isOrphaned: boolean): AgentInputItem[] {
  if ('role' in item) return fitMessage(item, 'responses');
  const fields = item as unknown as Part;
  switch (item.type) {
    case 'reasoning':
      return fitReasoning(fields, dataOf(fields));
    case 'hosted_tool_call':
      return (isOrphaned ? undefined : fitHosted(item)) ?? toFunctionPair(item);
    case 'compaction':
      return typeof fields.encrypted_content === 'string' && fields.encrypted_content !== '' ? [item] : [];
    case 'unknown':
      return fitCustomCall(item, dataOf(fields));
    default: {
      const isWhole = WHOLE[String(item.type)]?.(fields) ?? false;
      return isWhole ? [asItem(fitCall(fitData(fields)))] : [];
    }
  }
}

const isRecord = (value: unknown): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a call or a result has what the API asks for. */
const WHOLE: Readonly<Record<string, (item: Part) => boolean>> = {
  function_call: () => true,
  function_call_result: () => true,
  computer_call: ({ action, actions }) => isRecord(action) || toList(actions).length > 0,
  computer_call_result: () => true,
  shell_call: ({ action }) => isRecord(action) && Array.isArray(action.commands),
  shell_call_output: ({ output }) => Array.isArray(output),
  apply_patch_call: ({ operation }) => isRecord(operation),
  apply_patch_call_output: () => true,
  program: ({ code, fingerprint }) => typeof code === 'string' && typeof fingerprint === 'string',
  program_output: ({ output }) => typeof output === 'string',
  tool_search_call: ({ arguments: args }) => args !== undefined,
  tool_search_output: ({ tools }) => Array.isArray(tools),
};

/** A search of the provider's own needs no id. */
function isSearchHere(fields: Part): boolean {
  return toCallPart(asItem(fields)) !== undefined;
}

function fitData(fields: Part): Part {
  if (!('providerData' in fields)) return fields;
  return { ...fields, providerData: pick(dataOf(fields), ...(DATA[String(fields.type)] ?? [])) };
}

function fitCall(fields: Part): Part {
  switch (fields.type) {
    case 'function_call':
      return {
        ...withStatus(fields),
        name: toName(String(fields.name)),
        arguments: toArguments(fields.arguments),
      };
    case 'function_call_result':
      return { ...withStatus(fields), name: toName(String(fields.name)), output: fitOutput(fields.output) };
    case 'computer_call_result': {
      const image = isRecord(fields.output) ? String(fields.output.data) : '';
      const screen = fitPart({ type: 'input_image', image }, 'responses');
      const data = 'leftOut' in screen ? BLANK_SCREEN : screen.image;
      return { ...fields, output: { type: 'computer_screenshot', data } };
    }
    case 'computer_call':
    case 'shell_call':
      return withStatus(fields);
    case 'tool_search_call':
    case 'tool_search_output':
      return isSearchHere(fields) ? fields : without(fields, 'call_id', 'callId', 'providerData');
    default:
      return fields;
  }
}

/** What is neither stored at the provider nor encrypted says nothing to it: the reasoning of other APIs. */
function fitReasoning(
  { id, content, providerData: _, rawContent: __, ...item }: Part,
  data: Part,
): AgentInputItem[] {
  const encrypted = data.encrypted_content ?? data.encryptedContent;
  const isEncrypted = typeof encrypted === 'string' && encrypted !== '';
  const isStored = typeof id === 'string' && id.startsWith('rs') && id.length <= 64;
  if (!isStored && !isEncrypted) return [];
  const summary = toList(content).flatMap((part) => {
    const { text } = (part ?? {}) as Part;
    return typeof text === 'string' ? [{ type: 'input_text', text }] : [];
  });
  return [
    asItem({
      ...item,
      ...(isStored ? { id } : {}),
      content: summary,
      ...(isEncrypted ? { providerData: { encrypted_content: encrypted } } : {}),
    }),
  ];
}

/** The calls that the API has and the SDK does not know. */
function fitCustomCall(item: AgentInputItem, data: Part): AgentInputItem[] {
  const part = toCallPart(item);
  if (part?.kind !== 'custom_tool_call') return [];
  const { type, call_id, name, input, output } = data;
  if (part.role === 'call' && typeof input !== 'string') return [];
  const known =
    part.role === 'call'
      ? { type, call_id, name: toName(String(name)), input }
      : { type, call_id, output: typeof output === 'string' ? output : JSON.stringify(output ?? '') };
  return [asItem({ ...(item as unknown as Part), providerData: known })];
}

function fitOutput(output: unknown): unknown {
  if (isTextOutput(output)) return output;
  if (Array.isArray(output)) return output.map((part) => fitUserPart(part, 'responses'));
  if (!isRecord(output)) return JSON.stringify(output) ?? '';
  const { type } = output;
  if (type !== 'image' && type !== 'file') return JSON.stringify(output);
  const source = output[type];
  if (isRecord(source) && isInline(source, output, type)) return output;
  const part = toSdkPart({ ...output, ...(isRecord(source) ? source : {}), type: `input_${type}` });
  const fitted = part && fitPart(part, 'responses');
  return fitted === undefined || 'leftOut' in fitted ? [fitUserPart(part, 'responses')] : output;
}

/** Data with its type beside it, of which the SDK makes a data URL. */
function isInline(source: Part, { mediaType: outer }: Part, type: 'image' | 'file'): boolean {
  const mediaType = String(source.mediaType ?? outer ?? '');
  return Boolean(source.data) && (type === 'file' || mediaType.startsWith('image/'));
}

/** A status that the API does not have is refused, and so is null. */
function withStatus(fields: Part): Part {
  return fields.status === undefined || isStatus(fields.status) ? fields : without(fields, 'status');
}
