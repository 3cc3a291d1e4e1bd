import { type AgentInputItem, protocol } from '@openai/agents-core';
import { forModel } from '../../session/for-model.ts';
import { isStatus, toPlaceholder } from './messages.ts';
import { type Part, toSdkPart } from './parts.ts';

/** Of a zod schema, what it is to those who build on zod. */
interface Schema {
  readonly _zod: Pick<(typeof protocol.ModelItem)['_zod'], 'run'>;
}

/**
 * An item of a history as a model can be given it; undefined for none. A history may hold anything: what came in by `PUT`,
 * by SQL, or from the seed's table. Messages that are in another form become the SDK's.
 */
export function toReadable(item: AgentInputItem): AgentInputItem | undefined {
  if (isReadable(item)) return item;
  const mended = mendMessage(item);
  return mended !== undefined && isReadable(mended) ? mended : undefined;
}

/**
 * Whether the SDK takes an item. Its schema of all items tries each kind, which takes up to a millisecond: the one of the
 * item's kind takes microseconds, and the common items are known without it.
 */
export function isReadable(item: AgentInputItem): boolean {
  // What came in by SQL may be no object at all.
  const shown = Object(forModel(item)) as { readonly type?: unknown };
  if (isCommon(shown)) return true;
  const { type = 'message' } = shown;
  const schema = typeof type === 'string' && Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type] : undefined;
  return schema !== undefined && fits(schema, shown);
}

/** As `safeParse(value).success`, which for what does not fit makes an error, at a hundred times the cost. */
function fits({ _zod: zod }: Schema, value: unknown): boolean {
  const payload = zod.run({ value, issues: [] }, { async: false });
  return 'issues' in payload && payload.issues.length === 0;
}

/** A message whose parts are in an API's form, or of which something is missing that can be known. */
function mendMessage(item: AgentInputItem): AgentInputItem | undefined {
  const { role, content, status, ...rest } = Object(item) as Part;
  if (!Array.isArray(content)) return undefined;
  if (role === 'user') {
    const parts = content.map((part: unknown) => toSdkPart(part) ?? toPlaceholder('a part of the message'));
    return { ...rest, role, content: parts } as unknown as AgentInputItem;
  }
  if (role !== 'assistant') return undefined;
  const parts = content.flatMap((part: Part | null) => {
    if (part?.type === 'text') return [{ type: 'output_text', text: part.text }];
    return ['output_text', 'refusal', 'audio', 'image'].includes(String(part?.type)) ? [part] : [];
  });
  return {
    ...rest,
    role,
    status: isStatus(status) ? status : 'completed',
    content: parts,
  } as unknown as AgentInputItem;
}

/** The SDK's schemas by the type of an item (`@openai/agents-core`, `types/protocol`). */
const SCHEMAS: Readonly<Record<string, Schema>> = {
  message: protocol.MessageItem,
  tool_search_call: protocol.ToolSearchCallItem,
  tool_search_output: protocol.ToolSearchOutputItem,
  hosted_tool_call: protocol.HostedToolCallItem,
  program: protocol.ProgramCallItem,
  program_output: protocol.ProgramCallResultItem,
  function_call: protocol.FunctionCallItem,
  function_call_result: protocol.FunctionCallResultItem,
  computer_call: protocol.ComputerUseCallItem,
  computer_call_result: protocol.ComputerCallResultItem,
  shell_call: protocol.ShellCallItem,
  shell_call_output: protocol.ShellCallResultItem,
  apply_patch_call: protocol.ApplyPatchCallItem,
  apply_patch_call_output: protocol.ApplyPatchCallResultItem,
  reasoning: protocol.ReasoningItem,
  compaction: protocol.CompactionItem,
  unknown: protocol.UnknownItem,
};

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
  if (role === 'user')
    return typeof content === 'string' || (Array.isArray(content) && content.every(isInputText));
  return role === 'assistant' && isStatus(status) && Array.isArray(content) && content.every(isOutputText);
}

const isInputText = (part: unknown) => isText(part, 'input_text');
const isOutputText = (part: unknown) => isText(part, 'output_text');

function isText(part: unknown, kind: string): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const { type, text, ...more } = part as Record<string, unknown>;
  return type === kind && typeof text === 'string' && Object.keys(more).length === 0;
}

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}
